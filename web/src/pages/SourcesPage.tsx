import { DataPart } from "@/features/data/DataPart";
import { SourcesPanel } from "@/features/sources/SourcesPanel";

export default function SourcesPage() {
  return <DataPart part="sources">{({ name }) => <SourcesPanel workspace={name} />}</DataPart>;
}
