// CSV that opens cleanly and safely in a spreadsheet.
import type { Column, ResultTable } from "@/gen/wire";
import { isNumeric, type Scalar } from "./format/cell";

const BYTE_ORDER_MARK = "\uFEFF";
const FORMULA_START = /^[=+\-@\t\r]/;

/** The whole table as a CSV file. */
export const csvFile = (table: ResultTable): Blob => new Blob([toCsv(table)], { type: "text/csv;charset=utf-8" });

/** The whole table as CSV. Text that a spreadsheet would run as a formula is prefixed; numbers never are. */
export function toCsv(table: ResultTable): string {
  const header = table.columns.map((column) => quote(safeText(column.label)));
  const rows = table.rows.map((row) => table.columns.map((column, i) => csvCell(row[i] as Scalar, column)));
  return BYTE_ORDER_MARK + [header, ...rows].map((cells) => cells.join(",")).join("\r\n") + "\r\n";
}

function csvCell(value: Scalar | undefined, column: Column): string {
  if (value === null || value === undefined) return "";
  if (isNumeric(column) || typeof value === "number") return quote(String(value));
  return quote(safeText(String(value)));
}

function safeText(text: string): string {
  return FORMULA_START.test(text) ? `'${text}` : text;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A file name made of a title: "Revenue by month" → "revenue-by-month.csv". */
export function fileName(title: string, ending: string): string {
  const slug = title.toLowerCase().normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${slug.slice(0, 60) || "table"}.${ending}`;
}

export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
