// Sorting of result rows that keeps each row's key with it.
import { useMemo, useState } from "react";
import type { ResultTable } from "@/gen/wire";
import { isNumeric, type Scalar } from "@/lib/format/cell";

export interface SortOrder {
  column: string;
  direction: "ascending" | "descending";
}

export interface KeyedRow {
  key: string;
  cells: Scalar[];
}

export function keyedRows(table: ResultTable): KeyedRow[] {
  return table.rows.map((cells, i) => ({ key: table.row_keys[i] ?? String(i), cells: cells as Scalar[] }));
}

/** Rows in order; equal rows keep their places and empty cells go last either way. */
export function sortRows(table: ResultTable, rows: KeyedRow[], order: SortOrder): KeyedRow[] {
  const at = table.columns.findIndex((column) => column.name === order.column);
  const column = table.columns[at];
  if (!column) return rows;
  const sign = order.direction === "ascending" ? 1 : -1;
  const compare = isNumeric(column) ? compareNumbers : compareText;
  return rows.toSorted((a, b) => {
    const [left, right] = [a.cells[at] ?? null, b.cells[at] ?? null];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * compare(left, right);
  });
}

function compareNumbers(a: Scalar, b: Scalar): number {
  return Number(a) - Number(b);
}

function compareText(a: Scalar, b: Scalar): number {
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** The table's rows as sorted now, and a click on a heading: first one way, then the other, then as it came. */
export function useSortedRows(table: ResultTable) {
  const [order, setOrder] = useState<SortOrder | null>(null);
  const rows = useMemo(() => {
    const all = keyedRows(table);
    return order ? sortRows(table, all, order) : all;
  }, [table, order]);
  const toggle = (column: string, numeric: boolean) => setOrder((now) => nextOrder(now, column, numeric));
  return { rows, order, toggle };
}

function nextOrder(now: SortOrder | null, column: string, numeric: boolean): SortOrder | null {
  const first = numeric ? "descending" : "ascending";
  const second = numeric ? "ascending" : "descending";
  if (now?.column !== column) return { column, direction: first };
  return now.direction === first ? { column, direction: second } : null;
}
