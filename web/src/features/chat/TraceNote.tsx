import { X } from "lucide-react";
import { useContext } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/Button";
import type { Claim, DerivedCell, ResultTable } from "@/gen/wire";
import { formatCell, type Scalar } from "@/lib/format/cell";
import { type Trace, TraceContext } from "./trace";

interface TraceNoteProps {
  trace: Trace;
  table: ResultTable;
  tables: ResultTable[];
  claims: Claim[];
  onShowQuery: (() => void) | null;
}

/** Beside a traced cell: what the sentence says, what the cell holds, and how it was computed. */
export function TraceNote({ trace, table, tables, claims, onShowQuery }: TraceNoteProps) {
  const { t } = useTranslation();
  const { stop } = useContext(TraceContext);
  const value = cellText(table, trace.row, trace.column);
  const claim = claims.find((c) => c.table === trace.table && c.row === trace.row && c.column === trace.column);
  const derived = table.lineage.find((cell) => cell.row === trace.row);
  return (
    <div className="mb-2 flex items-start gap-2 rounded-control border border-trace-edge bg-surface py-1 ps-3 pe-1 text-13">
      <div className="min-w-0 grow py-1.5">
        <p>{value === null ? t("trace.gone") : claim ? t("trace.claim", { text: claim.text, value }) : t("trace.value", { value })}</p>
        {derived && <Formula derived={derived} runId={trace.runId} tables={tables} />}
        {onShowQuery && <button type="button" className="mt-1 rounded-control py-1 font-medium text-accent underline underline-offset-3 pointer-coarse:min-h-11" onClick={onShowQuery}>{t("trace.query")}</button>}
      </div>
      <IconButton label={t("trace.back")} onClick={stop}><X aria-hidden className="size-4" /></IconButton>
    </div>
  );
}

function Formula({ derived, runId, tables }: { derived: DerivedCell; runId: string; tables: ResultTable[] }) {
  const { start } = useContext(TraceContext);
  return (
    <p className="mt-1 text-muted">
      <code className="font-mono">{derived.formula}</code>
      {Object.entries(derived.inputs).map(([name, cell]) => {
        const table = tables.find((candidate) => candidate.id === cell.table);
        return (
          <span key={name}>
            {", "}
            <code className="font-mono">{name}</code>
            {" = "}
            <button type="button" className="cell-link" onClick={() => start({ runId, ...cell, origin: null })}>
              {(table && cellText(table, cell.row, cell.column)) ?? cell.column}
            </button>
          </span>
        );
      })}
    </p>
  );
}

function cellText(table: ResultTable, row: string, name: string): string | null {
  const at = table.columns.findIndex((column) => column.name === name);
  const cells = table.rows[table.row_keys.indexOf(row)];
  const column = table.columns[at];
  return cells && column ? formatCell((cells[at] ?? null) as Scalar, column) : null;
}
