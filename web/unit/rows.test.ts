import { describe, expect, it } from "vitest";
import { chartRows, withNames } from "@/features/charts/rows";
import type { ResultTable } from "@/gen/wire";

const table = {
  id: "t1",
  columns: [
    { name: "region", label: "Region", type: "text", role: "dimension" },
    { name: "revenue", label: "Revenue", type: "decimal", role: "measure" },
  ],
  rows: [["West", "10.50"], [null, null]],
  row_keys: ["w", "n"],
} as unknown as ResultTable;

describe("rows of a chart", () => {
  it("calls the group without a name by what it lacks, and leaves a missing figure missing", () => {
    expect(chartRows(table)).toEqual([{ region: "West", revenue: 10.5, __row: "w" }, { region: "(no region)", revenue: null, __row: "n" }]);
  });

  it("uses the same name wherever the spec lists names", () => {
    const spec = { encoding: { y: { field: "region", title: null, sort: ["West", null] } }, transform: [{ filter: { field: "region", oneOf: [null] } }] };
    expect(withNames(spec, table)).toEqual({
      encoding: { y: { field: "region", title: null, sort: ["West", "(no region)"] } },
      transform: [{ filter: { field: "region", oneOf: ["(no region)"] } }],
    });
  });
});
