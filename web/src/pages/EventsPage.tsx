import { DataPart } from "@/features/data/DataPart";
import { Events } from "@/features/data/Events";

export default function EventsPage() {
  return <DataPart part="events">{({ name }) => <Events workspace={name} />}</DataPart>;
}
