import { expect, it } from "vitest";
import type { ResultTable } from "@/gen/wire";
import { fileName, toCsv } from "@/lib/csv";

const column = (name: string, type: string, role: string) => ({ name, label: name, type, role, unit: null, grain: null });

it("writes numbers as they are and disarms text that starts a formula", () => {
  const table = {
    columns: [column("=region", "text", "dimension"), column("change", "decimal", "measure")],
    rows: [["=cmd|' /C calc'!A0", "-5.10"], ["+1", "9007199254740993.01"], ["@x", null], ["\t", "0"], ['say "hi", ok', "1"]],
  } as unknown as ResultTable;
  expect(toCsv(table)).toBe(
    "\uFEFF'=region,change\r\n'=cmd|' /C calc'!A0,-5.10\r\n'+1,9007199254740993.01\r\n'@x,\r\n'\t,0\r\n\"say \"\"hi\"\", ok\",1\r\n",
  );
});

it("names the file after the title", () => {
  expect(fileName("Net revenue by month (2026)", "csv")).toBe("net-revenue-by-month-2026.csv");
  expect(fileName("../../", "csv")).toBe("table.csv");
});
