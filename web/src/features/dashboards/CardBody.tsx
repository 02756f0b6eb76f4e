import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { ChartFigure } from "@/features/charts/ChartFigure";
import type { Picture } from "@/features/charts/VegaView";
import { stripMarkdown } from "@/features/chat/plain";
import { DataTable } from "@/features/tables/DataTable";
import type { Answer, ResultTable } from "@/gen/wire";
import { formatCell, isNumeric, type Scalar } from "@/lib/format/cell";
import { type RunView, viewOfAnswer } from "@/lib/agui/view";
import type { CardView } from "@/lib/api/types";

/** An answer at a glance: its first sentence, and its picture, its table or its one figure. */
export function CardBody({ answer, wanted, onPicture }: { answer: Answer; wanted: CardView; onPicture?: (picture: Picture | null) => void }) {
  const { t } = useTranslation();
  const view = viewOfAnswer(answer);
  if (view.declined) return <Banner tone="warn">{view.declined.reason}</Banner>;
  const table = view.tables.find((one) => one.kind === "main");
  const drawn = view.charts.find((chart) => view.tables.some((one) => one.id === chart.table));
  const source = drawn && view.tables.find((one) => one.id === drawn.table);
  const words = stripMarkdown(answer.text ?? "").split("\n").find((line) => line.trim()) ?? "";
  return (
    <div className="@container flex min-w-0 flex-col gap-3">
      {showsFigure(view, table, wanted) && <p data-figure className="text-[min(1.875rem,12cqi)] leading-tight font-semibold tabular-nums wrap-anywhere">{table && figureOf(table)}</p>}
      {words && <p className="text-14 wrap-anywhere">{words}</p>}
      {drawn && source && wanted !== "table" && wanted !== "figure" && <ChartFigure chart={drawn} table={source} {...(onPicture && { onPicture })} />}
      {table && showsTable(view, table, wanted) && <DataTable table={table} traced={null} />}
      {view.warnings.map((warning) => <p key={warning.code + warning.message} className="text-13 text-warn">{t("dashboards.note", { text: warning.message })}</p>)}
    </div>
  );
}

function showsFigure(view: RunView, table: ResultTable | undefined, wanted: CardView): boolean {
  const isFigure = table?.rows.length === 1 && view.claims.length > 0 && figureOf(table) !== "";
  return isFigure && (wanted === "auto" || wanted === "figure");
}

/** The one number of a one-row result, as it is written; never the name of the group that the number is about. */
function figureOf(table: ResultTable): string {
  const at = table.columns.findIndex((column) => isNumeric(column));
  const column = table.columns[at];
  return column ? formatCell((table.rows[0]?.[at] ?? null) as Scalar, column) : "";
}

function showsTable(view: RunView, table: ResultTable, wanted: CardView): boolean {
  return wanted === "table" || (wanted !== "figure" && view.charts.length === 0 && table.rows.length > 1);
}
