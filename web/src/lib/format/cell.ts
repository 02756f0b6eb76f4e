// How a cell reads in a table: the same rule the server uses for sentences (agent/format.py, style "full").
import type { Column } from "@/gen/wire";
import { displayLocale } from "./locale";

export type Scalar = string | number | boolean | null;

export const EMPTY = "–";

/** Whether the column holds quantities, which align right and sort by size. */
export function isNumeric(column: Column): boolean {
  if (!["integer", "decimal", "float"].includes(column.type) || column.grain) return false;
  return column.role !== "dimension" || column.unit != null || column.type === "float";
}

/** A cell as text. Decimals arrive as strings and stay exact. */
export function formatCell(value: Scalar, column: Column, locale = displayLocale()): string {
  if (value === null || value === undefined) return EMPTY;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (isNumeric(column)) return formatNumber(value, column, locale);
  if (column.type === "date" || column.type === "datetime" || column.grain) return formatPeriod(String(value), column.grain ?? null, locale);
  return String(value);
}

function formatNumber(value: string | number, column: Column, locale: string): string {
  const exact = value as Intl.StringNumericLiteral;
  const { unit } = column;
  if (unit?.ratio) return new Intl.NumberFormat(locale, ratioOptions(Number(value), column.decimals)).format(exact);
  const places = decimalPlaces(value, column);
  const options: Intl.NumberFormatOptions = { minimumFractionDigits: places, maximumFractionDigits: places };
  if (unit?.currency) return formatMoney(exact, unit.currency, options, locale);
  const digits = new Intl.NumberFormat(locale, options).format(exact);
  return unit?.percent ? `${digits}%` : digits;
}

function formatMoney(
  value: Intl.StringNumericLiteral, currency: string, options: Intl.NumberFormatOptions, locale: string,
): string {
  try {
    const money = { ...options, style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
    return new Intl.NumberFormat(locale, money).format(value);
  } catch {
    return `${currency} ${new Intl.NumberFormat(locale, options).format(value)}`;
  }
}

function ratioOptions(value: number, decimals: number | null): Intl.NumberFormatOptions {
  const places = Math.max(decimals ?? 0, Math.abs(value) >= 0.0005 || value === 0 ? 1 : 2);
  return { style: "percent", minimumFractionDigits: places, maximumFractionDigits: places };
}

function decimalPlaces(value: string | number, column: Column): number {
  if (column.decimals != null) return column.decimals;
  const whole = typeof value === "number" ? Number.isInteger(value) : /^-?\d+(\.0*)?$/.test(value);
  if (column.type === "integer" || whole) return 0;
  if (column.unit?.currency) return 2;
  const size = Math.abs(Number(value));
  return size >= 100 ? 1 : size >= 1 ? 2 : 4;
}

/** An ISO date or time as people say it at its grain: "Oct 2026", "Q3 2026", "Oct 19, 2026". */
export function formatPeriod(iso: string, grain: string | null, locale = displayLocale()): string {
  const moment = localMoment(iso);
  if (!moment) return iso;
  const show = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options).format(moment);
  if (grain === "year") return String(moment.getFullYear());
  if (grain === "quarter") return `Q${Math.floor(moment.getMonth() / 3) + 1} ${moment.getFullYear()}`;
  if (grain === "month") return show({ month: "short", year: "numeric" });
  const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };
  const hasTime = grain === "hour" || (grain === null && /[ T](?!00:00(:00)?(\.0+)?$)\d/.test(iso));
  return show(hasTime ? { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : day);
}

/** Wall-clock time as written: a date never moves with the reader's time zone. Null when it is no ISO date. */
export function localMoment(iso: string): Date | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?/.exec(iso);
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1).map((part) => Number(part ?? 0));
  return new Date(year!, month! - 1, day, hour, minute, second);
}
