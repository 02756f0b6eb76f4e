import { describe, expect, it } from "vitest";
import type { JsonObject } from "@/features/charts/guard";
import { checkSpec } from "@/features/charts/guard";
import { drawnAs, kindOf, kindsFor } from "@/features/charts/kinds";
import { sourceNumber, withSourceLinks } from "@/features/chat/sources";
import { layOut } from "@/features/model/joins";
import type { ResultTable, SemanticModel } from "@/gen/wire";
import { toXlsx } from "@/lib/xlsx";

const column = (name: string, more: object) => ({ name, label: name, type: "text", role: "dimension", unit: null, decimals: null, good: null, additive: false, grain: null, lineage: {}, ...more });
const TABLE = {
  id: "t1", title: "Umsatz: [2026]", kind: "main", total_rows: 3, truncated: false, partial: [], lineage: [], evidence: null, row_keys: ["a", "b", "c"],
  columns: [column("region", {}), column("day", { type: "date", role: "time" }), column("revenue", { type: "decimal", role: "measure", additive: true })],
  rows: [["=HYPERLINK(\"http://x\")", "2026-03-01", "10.25"], ["<b>&\u0001", null, "9007199254740993.01"], [null, "2026-03-02", "5"]],
} as unknown as ResultTable;
const BARS: JsonObject = {
  data: { name: "t1" }, mark: { type: "bar" },
  encoding: { y: { field: "region", type: "nominal", title: null, sort: ["x"] }, x: { field: "revenue", type: "quantitative" }, tooltip: [{ field: "region", type: "nominal" }] },
};

describe("other ways to draw", () => {
  it("offers what makes sense, and each of them passes the guard", () => {
    expect(kindOf(BARS)).toBe("bar");
    expect(kindsFor(BARS, TABLE)).toEqual(["bar", "dot", "pie"]);
    for (const kind of kindsFor(BARS, TABLE)) {
      const drawn = drawnAs(BARS, kind);
      expect(kindOf(drawn)).toBe(kind);
      expect(() => checkSpec(drawn, "t1")).not.toThrow();
    }
  });

  it("draws no shares of what does not add up, and leaves layers alone", () => {
    const rates = { ...TABLE, columns: TABLE.columns.map((one) => ({ ...one, additive: false })) };
    expect(kindsFor(BARS, rates)).toEqual(["bar", "dot"]);
    expect(kindsFor({ ...BARS, layer: [{}, {}] }, TABLE)).toEqual([]);
  });
});

it("marks of sources lead to their passages, and marks of none go", () => {
  const sources = [{ id: "k1", title: "", passage: "", origin: "", licence: "" }, { id: "k-2", title: "", passage: "", origin: "", licence: "" }];
  expect(withSourceLinks("So it is. [^k-2] And so. [^k9]", sources)).toBe("So it is.[2](#source:2) And so.");
  expect(sourceNumber("#source:2")).toBe(2);
  expect(sourceNumber("#cell:a:b:c")).toBeNull();
});

it("a workbook holds text as text, figures as numbers, and what a spreadsheet would round as text", async () => {
  const bytes = new TextDecoder().decode(await toXlsx([TABLE, TABLE]).arrayBuffer());
  expect(bytes).toContain('t="inlineStr"><is><t xml:space="preserve">=HYPERLINK(&quot;http://x&quot;)</t>');
  expect(bytes).toContain("&lt;b&gt;&amp;</t>");
  expect(bytes).toContain("<v>10.25</v>");
  expect(bytes).toContain("<t xml:space=\"preserve\">9007199254740993.01</t>");
  expect(bytes).toContain("<v>46082</v>");
  expect(bytes).toContain('name="Umsatz   2026"');
  expect(bytes).toContain('name="Umsatz   2026 (2)"');
  expect(bytes).not.toContain("<f>");
});

it("tables stand to the right of what joins to them, also in a circle", () => {
  const table = (joins: string[]) => ({ label: null, joins: joins.map((to) => ({ to, on: { id: "id" } })), measures: {} });
  const model = { tables: { lines: table(["orders", "products"]), orders: table(["customers"]), customers: table(["orders"]), products: table([]), alone: table([]) } } as unknown as SemanticModel;
  const { boxes, lines } = layOut(model);
  const at = Object.fromEntries(boxes.map((box) => [box.name, box.x]));
  expect(lines).toHaveLength(4);
  expect(at.alone).toBeUndefined();
  expect(at.lines).toBeLessThan(at.orders!);
  expect(at.lines).toBeLessThan(at.products!);
});
