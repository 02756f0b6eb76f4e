import { describe, expect, it } from "vitest";
import type { Column, Unit } from "@/gen/wire";
import { formatCell, formatPeriod, type Scalar } from "@/lib/format/cell";

const NO_UNIT: Unit = { currency: null, currency_column: null, percent: false, ratio: false, name: null };

function column(overrides: Partial<Column>): Column {
  return { name: "c", label: "C", type: "decimal", role: "measure", unit: null, decimals: null, good: null, additive: true, grain: null, lineage: {} as Column["lineage"], ...overrides };
}

describe("formatCell", () => {
  const cases: [string, Scalar, Partial<Column>, string][] = [
    ["exact cents beyond 2^53", "9007199254740993.01", { unit: { ...NO_UNIT, currency: "USD" } }, "$9,007,199,254,740,993.01"],
    ["whole money", "1204334", { unit: { ...NO_UNIT, currency: "USD" }, decimals: 0 }, "$1,204,334"],
    ["negative money", "-12.5", { unit: { ...NO_UNIT, currency: "EUR" } }, "-€12.50"],
    ["ratio", "0.11215274", { unit: { ...NO_UNIT, ratio: true } }, "11.2%"],
    ["tiny ratio", 0.0003, { type: "float", unit: { ...NO_UNIT, ratio: true } }, "0.03%"],
    ["stored percentage", "12.5", { unit: { ...NO_UNIT, percent: true }, decimals: 1 }, "12.5%"],
    ["count", 1234567, { type: "integer" }, "1,234,567"],
    ["big integer", "12345678901234567890", { type: "integer" }, "12,345,678,901,234,567,890"],
    ["a year is a code", 2023, { type: "integer", role: "dimension" }, "2023"],
    ["empty", null, {}, "–"],
    ["month", "2026-10-01", { type: "date", role: "time", grain: "month" }, "Oct 2026"],
    ["boolean", true, { type: "boolean", role: "dimension" }, "yes"],
    ["text", "<b>North</b>", { type: "text", role: "dimension" }, "<b>North</b>"],
    ["unknown currency", "5", { unit: { ...NO_UNIT, currency: "??" } }, "?? 5"],
  ];
  for (const [name, value, overrides, wanted] of cases) {
    it(name, () => expect(formatCell(value, column(overrides), "en-US")).toBe(wanted));
  }
});

describe("formatPeriod", () => {
  it("says each grain as people do", () => {
    expect(formatPeriod("2026-10-01", "quarter", "en-US")).toBe("Q4 2026");
    expect(formatPeriod("2026-10-01", "year", "en-US")).toBe("2026");
    expect(formatPeriod("2026-10-19", "day", "en-US")).toBe("Oct 19, 2026");
    expect(formatPeriod("2026-10-19 14:05:00", null, "en-US")).toBe("Oct 19, 2026, 14:05");
    expect(formatPeriod("2026-10-19 00:00:00", null, "en-US")).toBe("Oct 19, 2026");
    expect(formatPeriod("soon", "day", "en-US")).toBe("soon");
  });
});
