// Table rows as Vega reads them: charts convert to numbers, tables never do.
import type { Column, ResultTable } from "@/gen/wire";
import { isNumeric, localMoment, type Scalar } from "@/lib/format/cell";

export type ChartRow = Record<string, Scalar>;

/** One object per row, keyed by column name; figures as numbers, dates as local milliseconds. */
export function chartRows(table: ResultTable): ChartRow[] {
  return table.rows.map((row) =>
    Object.fromEntries(table.columns.map((column, i) => [column.name, chartValue((row[i] ?? null) as Scalar, column)])),
  );
}

function chartValue(value: Scalar, column: Column): Scalar {
  if (value === null) return null;
  if (isNumeric(column)) return Number(value);
  if (column.role === "time" || column.type === "date" || column.type === "datetime") {
    return localMoment(String(value))?.getTime() ?? String(value);
  }
  return value;
}
