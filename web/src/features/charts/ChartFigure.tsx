import { type KeyboardEvent, lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Skeleton } from "@/components/Skeleton";
import type { Chart, ResultTable } from "@/gen/wire";
import { formatCell, type Scalar } from "@/lib/format/cell";
import { checkSpec, type JsonObject } from "./guard";
import { chartRows, withNames } from "./rows";
import { useChartTheme } from "./theme";

export const loadVega = () => import("./VegaView");
const VegaView = lazy(loadVega);

interface ChartFigureProps {
  chart: Chart;
  table: ResultTable;
}

/** A chart of a table. Its text says the same; arrow keys read its rows one by one. */
export function ChartFigure({ chart, table }: ChartFigureProps) {
  const { t } = useTranslation();
  const theme = useChartTheme();
  const [failed, setFailed] = useState(false);
  const spec = useMemo(() => safeSpec(chart, table), [chart, table]);
  const rows = useMemo(() => chartRows(table), [table]);
  const { at, onKeyDown } = useRowReader(table.rows.length);
  const fail = useMemo(() => () => setFailed(true), []);
  if (!spec) return <Banner tone="warn">{t("chart.blocked")}</Banner>;
  if (failed) return <Banner tone="warn">{t("chart.failed")}</Banner>;
  return (
    <figure tabIndex={0} aria-label={chart.alt} onKeyDown={onKeyDown} className="rounded-control">
      <Suspense fallback={<Skeleton lines={5} />}>
        <VegaView spec={spec} table={table.id} rows={rows} theme={theme} alt={chart.alt} onError={fail} />
      </Suspense>
      <figcaption role="status" className={at === null ? "sr-only" : "mt-1 text-13 text-muted"}>
        {at === null ? t("chart.keys") : readRow(table, at)}
      </figcaption>
    </figure>
  );
}

function safeSpec(chart: Chart, table: ResultTable): JsonObject | null {
  try {
    return withNames(checkSpec(chart.spec, chart.table), table);
  } catch {
    return null;
  }
}

/** Left and right arrows move through the rows; Home, End and Escape do what they say. */
function useRowReader(count: number) {
  const [at, setAt] = useState<number | null>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const from = at ?? -1;
    const targets: Record<string, number | null> = {
      ArrowRight: Math.min(from + 1, count - 1),
      ArrowLeft: Math.max(from - 1, 0),
      Home: 0,
      End: count - 1,
      Escape: null,
    };
    const target = targets[event.key];
    if (target === undefined || (target === null && at === null)) return;
    event.preventDefault();
    setAt(target);
  };
  return { at, onKeyDown };
}

function readRow(table: ResultTable, at: number): string {
  const row = table.rows[at] ?? [];
  return table.columns.map((column, i) => `${column.label}: ${formatCell((row[i] ?? null) as Scalar, column)}`).join(", ");
}
