import { ChartArea, ChartColumn, ChartLine, ChartPie, ChartScatter, Download, Table2 } from "lucide-react";
import { type ReactNode, useCallback, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorBoundary } from "@/app/ErrorBoundary";
import { ActionMenu } from "@/components/ActionMenu";
import { cx } from "@/components/cx";
import { ChoiceMenu } from "@/components/Menu";
import { ChartFigure } from "@/features/charts/ChartFigure";
import type { JsonObject } from "@/features/charts/guard";
import { type Kind, kindsFor } from "@/features/charts/kinds";
import type { Picture } from "@/features/charts/VegaView";
import { DrillMenu } from "@/features/drill/DrillMenu";
import { useDrill } from "@/features/drill/useDrill";
import { TableBlock } from "@/features/tables/TableBlock";
import { useWhole } from "@/features/tables/useWhole";
import type { Chart, ResultTable } from "@/gen/wire";
import type { RunView } from "@/lib/agui/view";
import { saveCsv, savePng, saveXlsx } from "@/lib/exports";
import { useTraceInto } from "./trace";
import { WhenNear } from "./WhenNear";

interface ResultCardProps {
  runId: string;
  view: RunView;
  table: ResultTable;
  chart: Chart | null;
  onShowEvidence: (evidence: string) => void;
  /** Absent where questions cannot be asked, such as in a shared conversation. */
  onAsk?: ((question: string) => void) | undefined;
}

/** A result as chart or table, and the way to take it elsewhere. Tracing a figure turns to the table. */
export function ResultCard({ runId, view, table: first, chart, onShowEvidence, onAsk }: ResultCardProps) {
  const { table, more, load } = useWhole(view.answerId, first);
  const trace = useTraceInto(runId, table.id);
  const [wantsTable, setWantsTable] = useState(false);
  const [kind, setKind] = useState<Kind | null>(null);
  const drill = useDrill(table);
  const picture = useRef<Picture | null>(null);
  const keepPicture = useCallback((next: Picture | null) => void (picture.current = next), []);
  const { answerId } = view;
  const onRow = onAsk && answerId ? drill.open : undefined;
  const showsChart = chart !== null && !wantsTable && trace === null;
  return (
    <section aria-label={table.title} className="min-w-0 rounded-card border border-line bg-surface">
      <header className="flex min-h-12 flex-wrap items-center gap-x-2 border-b border-line py-1.5 ps-4 pe-2">
        <h3 className="min-w-0 grow basis-32 py-1 text-14 font-semibold wrap-anywhere">{table.title}</h3>
        <div className="ms-auto flex shrink-0 items-center gap-x-2 max-sm:gap-x-0">
          {chart && showsChart && <KindMenu chart={chart} table={table} kind={kind} onChoose={setKind} />}
          {chart && <ViewToggle showsChart={showsChart} onChange={(isChart) => setWantsTable(!isChart)} />}
          <ExportMenu table={table} load={load} picture={showsChart ? picture : null} />
        </div>
      </header>
      <div className="p-3 sm:p-4">
        <ErrorBoundary>
          <WhenNear keep={!showsChart}>
            {showsChart
              ? <ChartFigure chart={chart} table={table} kind={kind} onPicture={keepPicture} {...(onRow && { onRow })} />
              : <TableBlock {...{ runId, view, table, onShowEvidence, onRow }} onMore={more} />}
          </WhenNear>
        </ErrorBoundary>
      </div>
      {onAsk && answerId && <DrillMenu answer={answerId} table={table.id} title={drill.title} spot={drill.spot} onClose={drill.close} onAsk={(question) => { drill.leave(); onAsk(question); }} />}
    </section>
  );
}

const KIND_ICONS = { bar: ChartColumn, line: ChartLine, area: ChartArea, dot: ChartScatter, pie: ChartPie } as const;

function KindMenu({ chart, table, kind, onChoose }: { chart: Chart; table: ResultTable; kind: Kind | null; onChoose: (kind: Kind) => void }) {
  const { t } = useTranslation();
  const kinds = kindsFor(chart.spec as JsonObject, table);
  const now = kind ?? kinds[0];
  if (!now || kinds.length < 2) return null;
  const Icon = KIND_ICONS[now];
  return (
    <ChoiceMenu
      label={t("chart.kind", { name: t(`chart.as.${now}`) })}
      value={now}
      choices={kinds.map((value) => ({ value, label: t(`chart.as.${value}`) }))}
      onChoose={(value) => onChoose(value as Kind)}
      className="flex min-h-8 items-center gap-1 rounded-control border border-transparent px-2 text-13 text-muted hover:bg-raised hover:text-text pointer-coarse:min-h-11"
    >
      <Icon aria-hidden className="size-4" />
    </ChoiceMenu>
  );
}

interface ExportMenuProps {
  table: ResultTable;
  load: () => Promise<ResultTable>;
  picture: { current: Picture | null } | null;
}

function ExportMenu({ table, load, picture }: ExportMenuProps) {
  const { t } = useTranslation();
  const draw = async () => {
    const canvas = await picture?.current?.();
    if (canvas) await savePng(table.title, canvas);
  };
  const actions = [
    { name: t("export.csv"), onChoose: () => void load().then((whole) => saveCsv(table.title, whole)) },
    { name: t("export.xlsx"), onChoose: () => void load().then((whole) => saveXlsx(table.title, [whole])) },
    ...(picture ? [{ name: t("export.png"), onChoose: () => void draw() }] : []),
  ];
  return (
    <ActionMenu label={t("export.title", { name: table.title })} actions={actions} icon={<Download aria-hidden className="size-4" />} />
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
