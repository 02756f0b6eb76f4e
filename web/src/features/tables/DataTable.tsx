import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, memo, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/components/cx";
import type { Spot } from "@/features/charts/ChartFigure";
import type { Column, ResultTable } from "@/gen/wire";
import { formatCell, isNumeric } from "@/lib/format/cell";
import { formatCount } from "@/lib/format/misc";
import { type KeyedRow, type SortOrder, useSortedRows } from "./sort";
import { type RowWindow, useWindow } from "./useWindow";

export interface CellTarget {
  row: string;
  column: string;
}

interface DataTableProps {
  table: ResultTable;
  traced: CellTarget | null;
  /** A row was chosen to go on from. */
  onRow?: ((spot: Spot) => void) | undefined;
  /** Fetches the rows that are not here yet. */
  onMore?: (() => void) | null | undefined;
}

/** A result table in its own scroll region; the traced cell is marked, centred and focused. */
export function DataTable({ table, traced, onRow, onMore }: DataTableProps) {
  const { t } = useTranslation();
  const region = useRef<HTMLDivElement>(null);
  const { rows, order, toggle } = useSortedRows(table);
  const wanted = traced ? rows.findIndex((row) => row.key === traced.row) : -1;
  const shown = useWindow(region, rows.length, wanted < 0 ? null : wanted);
  const sort = (column: string, numeric: boolean) => {
    toggle(column, numeric);
    region.current?.scrollTo({ top: 0 });
  };
  const beyond = table.total_rows - table.rows.length;
  return (
    <>
      <div ref={region} role="region" tabIndex={0} aria-label={table.title} onKeyDown={walkRows} className={cx("fade-end relative max-h-105 overflow-auto [overflow-anchor:none] rounded-control border border-line print:max-h-none", table.columns.length === 1 && "w-fit max-w-full")}>
        <table aria-rowcount={shown.height ? rows.length + 1 : undefined} className="w-full border-collapse text-14">
          <thead>
            <tr>
              {table.columns.map((column) => <HeadCell key={column.name} column={column} order={order} onSort={sort} />)}
            </tr>
          </thead>
          <tbody>
            <Gap rows={shown.first} shown={shown} columns={table.columns.length} />
            {rows.slice(shown.first, shown.last).map((row, at) => (
              <BodyRow key={row.key} row={row} at={shown.height ? shown.first + at : null} isFirst={at === 0} height={shown.height} table={table} traced={traced} onRow={onRow} />
            ))}
            <Gap rows={rows.length - shown.last} shown={shown} columns={table.columns.length} />
          </tbody>
        </table>
      </div>
      {beyond > 0 && (
        <p className="mt-2 text-13 text-subtle">
          {t("table.part", { shown: formatCount(table.rows.length), total: formatCount(table.total_rows) })}{" "}
          {onMore && <button type="button" className="rounded-control font-medium text-accent underline underline-offset-3 pointer-coarse:min-h-11" onClick={onMore}>{t("table.more")}</button>}
        </p>
      )}
    </>
  );
}

/** Arrow keys move between the rows that can be gone on from: one stop on the way through the page, not hundreds. */
function walkRows(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
  const at = buttons.indexOf(event.target as HTMLElement);
  const next = step && at >= 0 ? buttons[at + step] : undefined;
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function Gap({ rows, shown, columns }: { rows: number; shown: RowWindow; columns: number }) {
  if (!shown.height || rows <= 0) return null;
  return <tr aria-hidden><td colSpan={columns} className="p-0" style={{ height: rows * shown.height }} /></tr>;
}

interface HeadCellProps {
  column: Column;
  order: SortOrder | null;
  onSort: (column: string, numeric: boolean) => void;
}

function HeadCell({ column, order, onSort }: HeadCellProps) {
  const numeric = isNumeric(column);
  const direction = order?.column === column.name ? order.direction : undefined;
  const Arrow = direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <th scope="col" aria-sort={direction} className={cx("sticky top-0 z-1 border-b border-line bg-raised p-0 align-bottom font-medium", numeric ? "text-end" : "text-start")}>
      <button
        type="button"
        onClick={() => onSort(column.name, numeric)}
        className={cx("control flex w-full items-center gap-1 px-3 py-1.5 -outline-offset-2 hover:text-accent", numeric ? "min-w-30 flex-row-reverse text-end" : "text-start")}
      >
        {column.label}
        {direction && <Arrow aria-hidden className="size-3.5" />}
      </button>
    </th>
  );
}

interface BodyRowProps extends Omit<DataTableProps, "onMore"> {
  row: KeyedRow;
  /** Its place among all rows; null when all of them are there. */
  at: number | null;
  isFirst: boolean;
  height: number | null;
}

/** Scrolling brings a few new rows a frame: those that stay are not worked out again. */
const BodyRow = memo(function BodyRow({ row, at, isFirst, height, table, traced, onRow }: BodyRowProps) {
  const { t } = useTranslation();
  const isPartial = table.partial.includes(row.key);
  const leads = onRow ? table.columns.findIndex((column) => !isNumeric(column)) : -1;
  return (
    <tr aria-rowindex={at === null ? undefined : at + 2} style={height ? { height } : undefined} className="border-b border-line last:border-b-0 hover:bg-raised/50">
      {table.columns.map((column, i) => {
        const isTraced = traced?.row === row.key && traced.column === column.name;
        const text = formatCell(row.cells[i] ?? null, column);
        return (
          <BodyCell key={column.name} look={height ? cx(lookOf(column), "max-w-80 truncate") : lookOf(column, text)} traced={isTraced}>
            {i === leads ? <RowButton row={row.key} name={text} isFirst={isFirst} onRow={onRow} /> : text}
            {isPartial && column.role === "time" && <span className="ms-2 text-12 text-warn">{t("table.partial")}</span>}
          </BodyCell>
        );
      })}
    </tr>
  );
});

function RowButton({ row, name, isFirst, onRow }: { row: string; name: string; isFirst: boolean; onRow: DataTableProps["onRow"] }) {
  const { t } = useTranslation();
  return (
    <button
      type="button"
      data-row={row}
      tabIndex={isFirst ? 0 : -1}
      aria-haspopup="menu"
      title={t("drill.title", { name })}
      onClick={({ currentTarget }) => {
        const box = currentTarget.getBoundingClientRect();
        onRow?.({ row, x: box.left, y: box.bottom });
      }}
      className="rounded-[3px] text-start decoration-edge decoration-dotted underline-offset-3 hover:text-accent hover:underline"
    >
      {name}
    </button>
  );
}

const SHORT = 24;

/** Numbers align right, dates and short names stay on one line, longer words may wrap. */
function lookOf(column: Column, text = ""): string {
  if (isNumeric(column)) return "text-end whitespace-nowrap tabular-nums";
  return column.role === "time" || column.type === "date" || column.type === "datetime" ? "whitespace-nowrap tabular-nums" : text.length <= SHORT ? "whitespace-nowrap" : "max-w-80 min-w-40 wrap-break-word";
}

function BodyCell({ look, traced, children }: { look: string; traced: boolean; children: ReactNode }) {
  const cell = useRef<HTMLTableCellElement>(null);
  useEffect(() => {
    if (!traced) return;
    cell.current?.scrollIntoView({ block: "center", inline: "nearest" });
    cell.current?.focus({ preventScroll: true });
  }, [traced]);
  return (
    <td
      ref={cell}
      tabIndex={traced ? -1 : undefined}
      data-traced={traced ? "1" : undefined}
      className={cx("px-3 py-2 align-top", look, traced && "traced")}
    >
      {children}
    </td>
  );
}
