import { DataPart } from "@/features/data/DataPart";
import { JobList } from "@/features/data/JobList";

export default function LoadsPage() {
  return <DataPart part="loads">{({ name }) => <JobList workspace={name} />}</DataPart>;
}
