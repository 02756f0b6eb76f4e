// Other ways to draw the same figures; only those that make sense for what the chart shows.
import type { ResultTable } from "@/gen/wire";
import { isNumeric } from "@/lib/format/cell";
import type { JsonObject } from "./guard";

export const KINDS = ["bar", "line", "area", "dot", "pie"] as const;
export type Kind = (typeof KINDS)[number];

interface Channel {
  field?: string;
  type?: string;
}

const MOST_SLICES = 6;

/** How the chart is drawn now; null when it is made of layers or in a way that has no name here. */
export function kindOf(spec: JsonObject): Kind | null {
  if (Array.isArray(spec.layer)) return null;
  const mark = typeof spec.mark === "string" ? spec.mark : String((spec.mark as JsonObject | undefined)?.type ?? "");
  const named: Record<string, Kind> = { bar: "bar", line: "line", area: "area", point: "dot", circle: "dot", arc: "pie" };
  const kind = named[mark] ?? null;
  const { x, y } = channels(spec);
  return kind === "dot" && x?.type === "quantitative" && y?.type === "quantitative" ? null : kind;
}

/** The kinds to choose from, the present one first; one or none means there is no choice. */
export function kindsFor(spec: JsonObject, table: ResultTable): Kind[] {
  const now = kindOf(spec);
  if (now === null || now === "pie") return [];
  const { x, y, color } = channels(spec);
  const axis = [x, y].find((channel) => channel?.type !== "quantitative");
  const figure = [x, y].find((channel) => channel?.type === "quantitative");
  if (!axis || !figure) return [];
  const others: Kind[] = axis.type === "temporal" ? ["line", "area", "bar"] : ["bar", "dot"];
  const isWhole = axis.type === "nominal" && !color && partsOfAWhole(table, figure.field ?? "");
  return [now, ...[...others, ...(isWhole ? (["pie"] as const) : [])].filter((kind) => kind !== now && fits(kind, spec, table))];
}

/** Areas are stacked, so what does not add up must not be drawn so. */
function fits(kind: Kind, spec: JsonObject, table: ResultTable): boolean {
  if (kind !== "area") return true;
  const { x, y, color } = channels(spec);
  const figure = [x, y].find((channel) => channel?.type === "quantitative");
  const column = table.columns.find((one) => one.name === figure?.field);
  return !color || column?.additive === true;
}

/** A few figures that are all above zero and add up. */
function partsOfAWhole(table: ResultTable, field: string): boolean {
  const at = table.columns.findIndex((column) => column.name === field);
  const column = table.columns[at];
  if (!column || !isNumeric(column) || !column.additive || table.truncated) return false;
  return table.rows.length > 1 && table.rows.length <= MOST_SLICES && table.rows.every((row) => Number(row[at]) > 0);
}

/** The spec drawn another way. */
export function drawnAs(spec: JsonObject, kind: Kind): JsonObject {
  const now = kindOf(spec);
  if (now === kind || now === null) return spec;
  if (kind === "pie") return asPie(spec);
  const marks: Record<Exclude<Kind, "pie">, JsonObject> = {
    bar: { type: "bar" }, line: { type: "line", point: true }, area: { type: "area" }, dot: { type: "point", filled: true, size: 90 },
  };
  return { ...spec, mark: marks[kind], encoding: marked(spec.encoding as JsonObject, kind) };
}

/** A temporal axis of bars needs no change; strokes tell lines apart and mean nothing on other marks. */
function marked(encoding: JsonObject, kind: Kind): JsonObject {
  const { strokeDash, ...rest } = encoding;
  return kind === "line" && strokeDash ? { ...rest, strokeDash } : rest;
}

function asPie(spec: JsonObject): JsonObject {
  const { x, y } = channels(spec);
  const [figure, group] = x?.type === "quantitative" ? [x, y] : [y, x];
  const { tooltip } = spec.encoding as JsonObject;
  return {
    ...spec,
    mark: { type: "arc", innerRadius: 60 },
    encoding: {
      theta: { field: figure?.field, type: "quantitative", stack: true },
      color: { field: group?.field, type: "nominal", sort: (group as JsonObject | undefined)?.sort, title: null },
      order: { field: figure?.field, type: "quantitative", sort: "descending" },
      ...(tooltip ? { tooltip } : {}),
    },
  };
}

function channels(spec: JsonObject): { x?: Channel; y?: Channel; color?: Channel } {
  return (spec.encoding ?? {}) as { x?: Channel; y?: Channel; color?: Channel };
}
