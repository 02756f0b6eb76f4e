import { DataPart } from "@/features/data/DataPart";
import { Rates } from "@/features/data/Rates";

export default function RatesPage() {
  return <DataPart part="rates">{({ name }) => <Rates workspace={name} />}</DataPart>;
}
