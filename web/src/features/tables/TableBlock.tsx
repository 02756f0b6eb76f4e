import { TraceNote } from "@/features/chat/TraceNote";
import { useTraceInto } from "@/features/chat/trace";
import type { Spot } from "@/features/charts/ChartFigure";
import type { ResultTable } from "@/gen/wire";
import type { RunView } from "@/lib/agui/view";
import { DataTable } from "./DataTable";

interface TableBlockProps {
  runId: string;
  view: RunView;
  table: ResultTable;
  onShowEvidence: (evidence: string) => void;
  onRow?: ((spot: Spot) => void) | undefined;
  onMore?: (() => void) | null | undefined;
}

/** A table under the note of the cell being traced, if any: above, it can't hide behind the prompt bar. */
export function TableBlock({ runId, view, table, onShowEvidence, onRow, onMore }: TableBlockProps) {
  const trace = useTraceInto(runId, table.id);
  const { evidence } = table;
  return (
    <>
      {trace && (
        <TraceNote
          trace={trace}
          table={table}
          tables={view.tables}
          claims={view.claims}
          onShowQuery={evidence ? () => onShowEvidence(evidence) : null}
        />
      )}
      <DataTable table={table} traced={trace} onRow={onRow} onMore={onMore} />
    </>
  );
}
