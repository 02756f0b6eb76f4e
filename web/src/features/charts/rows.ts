// Table rows as Vega reads them: charts convert to numbers, tables never do.
import type { Column, ResultTable } from "@/gen/wire";
import i18n from "@/lib/i18n";
import { isNumeric, localMoment, type Scalar } from "@/lib/format/cell";
import type { JsonObject } from "./guard";

export type ChartRow = Record<string, Scalar>;

/** Where a drawn row keeps its key, so that a mark leads back to it. */
export const ROW_KEY = "__row";

/** One object per row, keyed by column name; figures as numbers, dates as local milliseconds. */
export function chartRows(table: ResultTable): ChartRow[] {
  return table.rows.map((row, at) => ({
    ...Object.fromEntries(table.columns.map((column, i) => [column.name, chartValue((row[i] ?? null) as Scalar, column)])),
    [ROW_KEY]: table.row_keys[at] ?? null,
  }));
}

function chartValue(value: Scalar, column: Column): Scalar {
  if (value === null) return column.role === "dimension" ? unnamed(column) : null;
  if (isNumeric(column)) return Number(value);
  if (column.role === "time" || column.type === "date" || column.type === "datetime") {
    return localMoment(String(value))?.getTime() ?? String(value);
  }
  return value;
}

/** Rows that belong to no group, as the answer's text calls them: "(no region)". */
function unnamed(column: Column): string {
  return i18n.t("chart.unnamed", { label: column.label.toLowerCase() });
}

/** The spec with the unnamed group called as in `chartRows`, wherever it lists the names of a column. */
export function withNames(spec: JsonObject, table: ResultTable): JsonObject {
  const columns = new Map(table.columns.map((column) => [column.name, column]));
  const named = (part: unknown, column?: Column): unknown => {
    if (Array.isArray(part)) return part.map((item) => (item === null && column ? unnamed(column) : named(item, column)));
    if (part === null || typeof part !== "object") return part;
    const of = columns.get(String((part as JsonObject).field));
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, named(inner, of)]));
  };
  return named(spec) as JsonObject;
}
