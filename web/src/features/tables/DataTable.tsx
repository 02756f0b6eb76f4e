import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/components/cx";
import type { Column, ResultTable } from "@/gen/wire";
import { formatCell, isNumeric } from "@/lib/format/cell";
import { formatCount } from "@/lib/format/misc";
import { type KeyedRow, type SortOrder, useSortedRows } from "./sort";

export interface CellTarget {
  row: string;
  column: string;
}

interface DataTableProps {
  table: ResultTable;
  traced: CellTarget | null;
}

/** A result table in its own scroll region; the traced cell is marked, centred and focused. */
export function DataTable({ table, traced }: DataTableProps) {
  const { t } = useTranslation();
  const { rows, order, toggle } = useSortedRows(table);
  const beyond = table.total_rows - table.rows.length;
  return (
    <>
      <div role="region" tabIndex={0} aria-label={table.title} className={cx("fade-end relative max-h-105 overflow-auto rounded-control border border-line", table.columns.length === 1 && "w-fit max-w-full")}>
        <table className="w-full border-collapse text-14">
          <thead>
            <tr>
              {table.columns.map((column) => <HeadCell key={column.name} column={column} order={order} onSort={toggle} />)}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => <BodyRow key={row.key} row={row} table={table} traced={traced} />)}
          </tbody>
        </table>
      </div>
      {beyond > 0 && (
        <p className="mt-2 text-13 text-subtle">
          {t("table.part", { shown: formatCount(table.rows.length), total: formatCount(table.total_rows) })}
        </p>
      )}
    </>
  );
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
    <th scope="col" aria-sort={direction} className={cx("sticky top-0 border-b border-line bg-raised p-0 align-bottom font-medium", numeric ? "text-end" : "text-start")}>
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

interface BodyRowProps {
  row: KeyedRow;
  table: ResultTable;
  traced: CellTarget | null;
}

function BodyRow({ row, table, traced }: BodyRowProps) {
  const { t } = useTranslation();
  const isPartial = table.partial.includes(row.key);
  return (
    <tr className="border-b border-line last:border-b-0 hover:bg-raised/50">
      {table.columns.map((column, i) => {
        const isTraced = traced?.row === row.key && traced.column === column.name;
        const text = formatCell(row.cells[i] ?? null, column);
        return (
          <BodyCell key={column.name} look={lookOf(column)} traced={isTraced}>
            {text}
            {isPartial && column.role === "time" && <span className="ms-2 text-12 text-warn">{t("table.partial")}</span>}
          </BodyCell>
        );
      })}
    </tr>
  );
}

/** Numbers align right, dates stay on one line, words may wrap. */
function lookOf(column: Column): string {
  if (isNumeric(column)) return "text-end whitespace-nowrap tabular-nums";
  return column.role === "time" || column.type === "date" || column.type === "datetime" ? "whitespace-nowrap tabular-nums" : "max-w-80 wrap-break-word";
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
