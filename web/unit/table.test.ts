import { expect, it } from "vitest";
import { groupByDay } from "@/features/history/days";
import { sqlTokens } from "@/features/evidence/sql";
import { sentShares, workspaceName } from "@/features/sources/upload";
import { keyedRows, sortRows } from "@/features/tables/sort";
import { parseCellLink } from "@/features/chat/trace";
import { stripMarkdown } from "@/features/chat/plain";
import { chartRows } from "@/features/charts/rows";
import type { ResultTable } from "@/gen/wire";
import type { ThreadSummary } from "@/lib/api/types";

const TABLE = {
  id: "t1",
  columns: [
    { name: "month", label: "Month", type: "date", role: "time", grain: "month", unit: null },
    { name: "revenue", label: "Revenue", type: "decimal", role: "measure", grain: null, unit: null },
  ],
  rows: [["2026-01-01", "9.5"], ["2026-02-01", null], ["2026-03-01", "10.25"]],
  row_keys: ["a", "b", "c"],
} as unknown as ResultTable;

it("sorts figures by size, keeps keys with rows and empty cells last", () => {
  const order = (direction: "ascending" | "descending") => sortRows(TABLE, keyedRows(TABLE), { column: "revenue", direction }).map((row) => row.key);
  expect(order("ascending")).toEqual(["a", "c", "b"]);
  expect(order("descending")).toEqual(["c", "a", "b"]);
});

it("turns rows into numbers and local dates for charts only", () => {
  expect(chartRows(TABLE)[2]).toEqual({ __row: "c", month: new Date(2026, 2, 1).getTime(), revenue: 10.25 });
  expect(TABLE.rows[2]).toEqual(["2026-03-01", "10.25"]);
});

it("reads cell links and nothing else", () => {
  expect(parseCellLink("#cell:t1:2t4i57uupvg5w-2:net_revenue")).toEqual({ table: "t1", row: "2t4i57uupvg5w-2", column: "net_revenue" });
  for (const other of ["#cell:t1:a", "#cell:t1:a:b c", "https://x/#cell:a:b:c", undefined]) expect(parseCellLink(other)).toBeNull();
});

it("copies an answer as plain words", () => {
  expect(stripMarkdown("**North** made [$1.2M](#cell:t1:a:b), \\*really\\*")).toBe("North made $1.2M, *really*");
});

it("colours SQL without losing a character", () => {
  const sql = "SELECT 'it''s' AS \"from\", 1.5 -- note\nFROM t /* x */ WHERE a = 'b'";
  expect(sqlTokens(sql).map((token) => token.text).join("")).toBe(sql);
  expect(sqlTokens(sql).filter((token) => token.kind === "string").map((token) => token.text)).toEqual(["'it''s'", "'b'"]);
});

it("shares sent bytes among files in order", () => {
  expect(sentShares([100, 300, 0], 200)).toEqual([1, 1 / 3, 1]);
});

it("makes workspace names", () => {
  expect(workspaceName("  My Däta 2026! ")).toBe("my-data-2026");
  expect(workspaceName("!!")).toBe("");
});

it("groups threads by the reader's day, newest first", () => {
  const at = (updated_at: string) => ({ id: updated_at, updated_at }) as ThreadSummary;
  const days = groupByDay([at("2026-11-20T12:00:00"), at("2026-11-21T09:00:00"), at("2026-11-21T10:00:00")]);
  expect(days.map(({ day, items }) => [day, items.length])).toEqual([["2026-11-21", 2], ["2026-11-20", 1]]);
});
