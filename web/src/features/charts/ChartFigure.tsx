import { type KeyboardEvent, lazy, Suspense, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Skeleton } from "@/components/Skeleton";
import type { Chart, ResultTable } from "@/gen/wire";
import { formatCell, type Scalar } from "@/lib/format/cell";
import { checkSpec, type JsonObject } from "./guard";
import { drawnAs, type Kind } from "./kinds";
import { chartRows, withNames } from "./rows";
import { useChartTheme } from "./theme";
import type { Picture } from "./VegaView";

export const loadVega = () => import("./VegaView");
const VegaView = lazy(loadVega);

export interface Spot {
  row: string;
  x: number;
  y: number;
}

interface ChartFigureProps {
  chart: Chart;
  table: ResultTable;
  kind?: Kind | null;
  /** A row was chosen by its mark or by the keyboard. */
  onRow?: (spot: Spot) => void;
  onPicture?: (picture: Picture | null) => void;
}

/** A chart of a table. Its text says the same; arrow keys read its rows one by one, Enter goes on from one. */
export function ChartFigure({ chart, table, kind = null, onRow, onPicture }: ChartFigureProps) {
  const { t } = useTranslation();
  const theme = useChartTheme();
  const [failed, setFailed] = useState(false);
  const figure = useRef<HTMLElement>(null);
  const spec = useMemo(() => safeSpec(chart, table, kind), [chart, table, kind]);
  const rows = useMemo(() => chartRows(table), [table]);
  const choose = (at: number) => {
    const row = table.row_keys[at];
    const box = figure.current?.getBoundingClientRect();
    if (row && box) onRow?.({ row, x: box.left + 24, y: box.bottom - 8 });
  };
  const { at, onKeyDown } = useRowReader(table.rows.length, onRow ? choose : null);
  const fail = useMemo(() => () => setFailed(true), []);
  if (!spec) return <Banner tone="warn">{t("chart.blocked")}</Banner>;
  if (failed) return <Banner tone="warn">{t("chart.failed")}</Banner>;
  return (
    <figure ref={figure} tabIndex={0} aria-label={chart.alt} onKeyDown={onKeyDown} className="rounded-control">
      <Suspense fallback={<Skeleton lines={5} />}>
        <VegaView
          spec={spec}
          table={table.id}
          rows={rows}
          theme={theme}
          alt={chart.alt}
          onError={fail}
          {...(onRow && { onMark: (row, { x, y }) => onRow({ row, x, y }) })}
          {...(onPicture && { onPicture })}
        />
      </Suspense>
      <figcaption className={at === null ? "sr-only" : "mt-1 text-13 text-muted"}>
        <span role="status">{at === null ? t(onRow ? "chart.keysOn" : "chart.keys") : readRow(table, at)}</span>
      </figcaption>
    </figure>
  );
}

function safeSpec(chart: Chart, table: ResultTable, kind: Kind | null): JsonObject | null {
  try {
    const checked = withNames(checkSpec(chart.spec, chart.table), table);
    return kind ? drawnAs(checked, kind) : checked;
  } catch {
    return null;
  }
}

/** Left and right arrows move through the rows; Home, End and Escape do what they say; Enter chooses. */
function useRowReader(count: number, choose: ((at: number) => void) | null) {
  const [at, setAt] = useState<number | null>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const from = at ?? -1;
    if (event.key === "Enter" && at !== null && choose && event.target === event.currentTarget) {
      event.preventDefault();
      return choose(at);
    }
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
