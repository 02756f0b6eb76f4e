// A chart spec is data from outside: only what draws a picture of our own rows may pass.

export type JsonObject = Record<string, unknown>;

const MARKS = new Set(["arc", "area", "bar", "circle", "line", "point", "rect", "rule", "square", "text", "tick"]);
const CHANNELS = new Set([
  "x", "y", "x2", "y2", "xOffset", "yOffset", "color", "opacity", "size", "shape", "strokeDash", "theta", "order",
  "detail", "text", "tooltip", "row", "column", "facet",
]);
const SPEC_KEYS = new Set([
  "$schema", "title", "description", "data", "mark", "encoding", "layer", "transform", "resolve", "width", "height",
]);
const CHANNEL_KEYS = new Set([
  "field", "type", "title", "axis", "scale", "legend", "header", "sort", "stack", "aggregate", "bin", "timeUnit",
  "format", "value", "datum", "band", "columns",
]);
const MARK_KEYS = new Set([
  "type", "point", "line", "interpolate", "color", "opacity", "fillOpacity", "strokeWidth", "strokeDash", "size",
  "filled", "orient", "align", "baseline", "dx", "dy", "fontSize", "fontWeight", "cornerRadius", "cornerRadiusEnd",
  "innerRadius", "outerRadius", "clip", "tooltip", "limit",
]);
const FILTER_KEYS = new Set(["field", "oneOf", "equal", "range", "lt", "lte", "gt", "gte", "valid"]);
/** Keys that load, run or hide something, wherever they stand. */
const FORBIDDEN = new Set([
  "url", "href", "image", "expr", "signal", "params", "param", "test", "condition", "usermeta", "datasets", "values",
  "sequence", "sphere", "graticule", "config", "projection", "calculate", "lookup", "from", "formatType", "labelExpr",
  "update", "init", "events", "on", "loader", "__proto__", "constructor", "prototype",
]);
const MOST_NODES = 2000;
const MOST_DEPTH = 12;

export class ChartRefused extends Error {}

/** Throws `ChartRefused` unless `spec` only draws the table `tableId`. Returns it typed. */
export function checkSpec(spec: unknown, tableId: string): JsonObject {
  const root = asObject(spec);
  scan(root);
  onlyKeys(root, SPEC_KEYS);
  const data = asObject(root.data);
  onlyKeys(data, new Set(["name"]));
  if (data.name !== tableId) refuse("another table");
  checkUnit(root, true);
  return root;
}

function checkUnit(unit: JsonObject, isRoot: boolean): void {
  if (unit.encoding !== undefined) checkEncoding(asObject(unit.encoding));
  asList(unit.transform ?? []).forEach((step) => checkTransform(asObject(step)));
  const layers = asList(unit.layer ?? []).map(asObject);
  if (layers.length === 0 || !isRoot) return checkMark(unit.mark);
  layers.forEach((layer) => {
    onlyKeys(layer, SPEC_KEYS);
    if (layer.data !== undefined || layer.layer !== undefined) refuse("nested data");
    checkUnit(layer, false);
  });
}

function checkMark(mark: unknown): void {
  const type = typeof mark === "string" ? mark : asObject(mark).type;
  if (typeof type !== "string" || !MARKS.has(type)) refuse("mark");
  if (typeof mark !== "string") onlyKeys(asObject(mark), MARK_KEYS);
}

function checkEncoding(encoding: JsonObject): void {
  onlyKeys(encoding, CHANNELS);
  for (const channel of Object.values(encoding)) {
    for (const definition of Array.isArray(channel) ? channel : [channel]) onlyKeys(asObject(definition), CHANNEL_KEYS);
  }
}

function checkTransform(step: JsonObject): void {
  onlyKeys(step, new Set(["filter"]));
  onlyKeys(asObject(step.filter), FILTER_KEYS);
}

/** No forbidden key at any depth, and no spec so large or deep that it stalls the page. */
function scan(root: unknown): void {
  let nodes = 0;
  const visit = (value: unknown, depth: number): void => {
    nodes += 1;
    if (nodes > MOST_NODES || depth > MOST_DEPTH) refuse("size");
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (FORBIDDEN.has(key)) refuse(key);
      visit(inner, depth + 1);
    }
  };
  visit(root, 0);
}

function onlyKeys(object: JsonObject, allowed: Set<string>): void {
  const stranger = Object.keys(object).find((key) => !allowed.has(key));
  if (stranger !== undefined) refuse(stranger);
}

function asObject(value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("shape");
  return value as JsonObject;
}

function asList(value: unknown): unknown[] {
  if (!Array.isArray(value)) refuse("shape");
  return value as unknown[];
}

function refuse(what: string): never {
  throw new ChartRefused(what);
}
