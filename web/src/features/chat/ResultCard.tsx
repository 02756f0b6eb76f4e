import { ChartColumn, Download, Table2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorBoundary } from "@/app/ErrorBoundary";
import { IconButton } from "@/components/Button";
import { cx } from "@/components/cx";
import { ChartFigure } from "@/features/charts/ChartFigure";
import { TableBlock } from "@/features/tables/TableBlock";
import type { Chart, ResultTable } from "@/gen/wire";
import type { RunView } from "@/lib/agui/view";
import { csvName, download, toCsv } from "@/lib/csv";
import { useTraceInto } from "./trace";

interface ResultCardProps {
  runId: string;
  view: RunView;
  table: ResultTable;
  chart: Chart | null;
  onShowEvidence: (evidence: string) => void;
}

/** One result as a chart or a table; following a numeral switches to the table. */
export function ResultCard({ runId, view, table, chart, onShowEvidence }: ResultCardProps) {
  const { t } = useTranslation();
  const [wantsTable, setWantsTable] = useState(false);
  const isTraced = useTraceInto(runId, table.id) !== null;
  const [wasTraced, setWasTraced] = useState(false);
  if (isTraced !== wasTraced) {
    setWasTraced(isTraced);
    if (isTraced) setWantsTable(true);
  }
  const showsChart = chart !== null && !wantsTable;
  return (
    <section aria-label={table.title} className="fade-in rounded-card border border-line bg-surface">
      <header className="flex flex-wrap items-center gap-2 border-b border-line py-1.5 ps-4 pe-2">
        <h3 className="min-w-0 grow basis-32 py-1 text-14 font-semibold wrap-anywhere">{table.title}</h3>
        {chart && <ViewToggle showsChart={showsChart} onChange={(isChart) => setWantsTable(!isChart)} />}
        <IconButton label={t("table.export")} onClick={() => download(csvName(table.title), toCsv(table))}>
          <Download aria-hidden className="size-4" />
        </IconButton>
      </header>
      <div className="p-3 sm:p-4">
        <ErrorBoundary>
          {showsChart ? <ChartFigure chart={chart} table={table} /> : <TableBlock {...{ runId, view, table, onShowEvidence }} />}
        </ErrorBoundary>
      </div>
    </section>
  );
}

function ViewToggle({ showsChart, onChange }: { showsChart: boolean; onChange: (showsChart: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <div role="group" aria-label={t("table.view")} className="flex rounded-control border border-edge">
      <ToggleButton label={t("table.chart")} pressed={showsChart} onClick={() => onChange(true)}>
        <ChartColumn aria-hidden className="size-4" />
      </ToggleButton>
      <ToggleButton label={t("table.table")} pressed={!showsChart} onClick={() => onChange(false)}>
        <Table2 aria-hidden className="size-4" />
      </ToggleButton>
    </div>
  );
}

interface ToggleButtonProps {
  label: string;
  pressed: boolean;
  onClick: () => void;
  children: ReactNode;
}

function ToggleButton({ label, pressed, onClick, children }: ToggleButtonProps) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onClick}
      className={cx(
        "flex min-h-8 items-center gap-1.5 px-2.5 text-13 first:rounded-s-[7px] last:rounded-e-[7px] pointer-coarse:min-h-11",
        pressed ? "bg-accent-soft font-medium text-accent" : "text-muted hover:bg-raised",
      )}
    >
      {children}
      <span className="max-sm:sr-only">{label}</span>
    </button>
  );
}
