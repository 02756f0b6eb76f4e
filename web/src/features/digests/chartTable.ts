// The chart of a message carries its rows as objects: as a table it is drawn and read like any other chart.
import type { Chart, Column, ResultTable } from "@/gen/wire";
import type { MessageChart } from "@/lib/api/digests";

/** The table that a message's chart draws, and the chart over it. */
export function chartTable({ title, alt, spec, table, rows }: MessageChart): { table: ResultTable; chart: Chart } {
  const kinds = fieldKinds(spec);
  const columns = Object.keys(rows[0] ?? {}).map((name) => columnOf(name, kinds.get(name)));
  const cells = rows.map((row) => columns.map(({ name }) => row[name] ?? null));
  const whole = { id: table, title, kind: "main", columns, row_keys: rows.map((_, at) => String(at)), rows: cells, total_rows: rows.length, truncated: false, next: null, partial: [], evidence: null };
  return { table: whole as unknown as ResultTable, chart: { id: table, title, alt, table, spec } as unknown as Chart };
}

function columnOf(name: string, kind: string | undefined): Column {
  const label = name.replace(/^.*\./, "").replaceAll("_", " ");
  const [type, role] = kind === "quantitative" ? ["decimal", "measure"] : kind === "temporal" ? ["date", "time"] : ["text", "dimension"];
  return { name, label, type, role } as unknown as Column;
}

/** What the encodings of a spec say about its fields ("temporal", "quantitative" …). */
function fieldKinds(part: unknown, found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(part)) part.forEach((one) => fieldKinds(one, found));
  else if (part !== null && typeof part === "object") {
    const { field, type } = part as { field?: unknown; type?: unknown };
    if (typeof field === "string" && typeof type === "string") found.set(field, type);
    Object.values(part).forEach((one) => fieldKinds(one, found));
  }
  return found;
}
