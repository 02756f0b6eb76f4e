import { describe, expect, it } from "vitest";
import { checkSpec, ChartRefused } from "@/features/charts/guard";

type Json = Record<string, unknown>;
const X = { field: "region", type: "nominal" };
const Y = { field: "revenue", type: "quantitative", axis: { format: "$~s" } };
const bar = (changes: Json = {}): Json => ({ data: { name: "t1" }, mark: { type: "bar" }, encoding: { x: X, y: Y }, ...changes });
const withX = (changes: Json): Json => bar({ encoding: { x: { ...X, ...changes }, y: Y } });
const withMark = (changes: Json): Json => bar({ mark: { type: "bar", ...changes } });
const deep = (levels: number): Json => (levels === 0 ? {} : { labels: deep(levels - 1) });

const HOSTILE: [string, unknown][] = [
  ["outside data", bar({ data: { url: "https://evil.example/x.json" } })],
  ["outside data beside the name", bar({ data: { name: "t1", url: "https://evil.example" } })],
  ["data of its own", bar({ data: { values: [{ a: 1 }] } })],
  ["another table", bar({ data: { name: "t2" } })],
  ["no data", { mark: "bar", encoding: {} }],
  ["a generator", bar({ data: { sequence: { start: 0, stop: 1e9 } } })],
  ["a data format", bar({ data: { name: "t1", format: { type: "topojson" } } })],
  ["datasets", bar({ datasets: { t1: [] } })],
  ["an image mark", bar({ mark: "image" })],
  ["an image mark object", bar({ mark: { type: "image", url: "https://evil.example/x.png" } })],
  ["a geoshape", bar({ mark: "geoshape" })],
  ["an unknown mark", bar({ mark: "boxplot" })],
  ["no mark", bar({ mark: undefined })],
  ["a mark with a link", withMark({ href: "javascript:alert(1)" })],
  ["a mark with a url", withMark({ url: "x" })],
  ["a mark with an expression", withMark({ color: { expr: "1" } })],
  ["a mark with a cursor", withMark({ cursor: "pointer" })],
  ["a link channel", bar({ encoding: { href: { field: "region" } } })],
  ["a url channel", bar({ encoding: { url: { field: "region" } } })],
  ["a key channel", bar({ encoding: { key: { field: "region" } } })],
  ["a signal in an axis", withX({ axis: { labels: { signal: "x" } } })],
  ["a label expression", withX({ axis: { labelExpr: "datum.label" } })],
  ["a conditional colour", bar({ encoding: { color: { condition: { test: "true", value: "red" } } } })],
  ["a format type", withX({ formatType: "evil" })],
  ["params", bar({ params: [{ name: "p", select: "point" }] })],
  ["a param in a filter", bar({ transform: [{ filter: { param: "p" } }] })],
  ["an expression filter", bar({ transform: [{ filter: "datum.a > 1" }] })],
  ["a calculation", bar({ transform: [{ calculate: "1+1", as: "x" }] })],
  ["a lookup", bar({ transform: [{ lookup: "a", from: { data: { url: "x" } } }] })],
  ["usermeta", bar({ usermeta: { embedOptions: { loader: {} } } })],
  ["a config", bar({ config: { customFormatTypes: true } })],
  ["a projection", bar({ projection: { type: "mercator" } })],
  ["a repeat", bar({ repeat: ["a"] })],
  ["a concatenation", { data: { name: "t1" }, hconcat: [bar()] }],
  ["a layer with data", { data: { name: "t1" }, layer: [bar()] }],
  ["a layer in a layer", { data: { name: "t1" }, layer: [{ layer: [{ mark: "bar" }] }] }],
  ["a layer with an image", { data: { name: "t1" }, layer: [{ mark: "image" }] }],
  ["too deep", bar({ title: deep(40) })],
  ["too large", bar({ title: Array.from({ length: 5000 }, () => "x") })],
  ["an own prototype key", JSON.parse('{"data":{"name":"t1"},"mark":"bar","encoding":{"x":{"__proto__":{"url":"x"}}}}')],
  ["an array", []],
  ["a string", "bar"],
  ["null", null],
  ["a full Vega spec", { marks: [], signals: [], data: [{ name: "t1", url: "x" }] }],
];

describe("checkSpec", () => {
  it("has forty hostile specs", () => expect(HOSTILE.length).toBeGreaterThanOrEqual(40));

  for (const [name, spec] of HOSTILE) {
    it(`refuses ${name}`, () => expect(() => checkSpec(spec, "t1")).toThrow(ChartRefused));
  }

  const GOOD: [string, Json][] = [
    ["bars", bar()],
    ["a line with dashes", bar({ mark: { type: "line", point: true }, encoding: { x: X, y: Y, color: { ...X, legend: { symbolType: "stroke", symbolStrokeWidth: 4 } }, strokeDash: X, tooltip: [X, Y] } })],
    ["a filter by value", bar({ transform: [{ filter: { field: "region", oneOf: ["North"] } }] })],
    ["layers", { data: { name: "t1" }, encoding: { x: X }, layer: [{ mark: "line", encoding: { y: Y } }, { mark: "point", encoding: { y: Y } }] }],
  ];
  for (const [name, spec] of GOOD) {
    it(`lets ${name} pass`, () => expect(checkSpec(spec, "t1")).toBe(spec));
  }
});
