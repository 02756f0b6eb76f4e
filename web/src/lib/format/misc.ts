// Figures and times of the page itself, as opposed to those of an answer.
import { displayLocale } from "./locale";

export function formatCount(value: number): string {
  return new Intl.NumberFormat(displayLocale()).format(value);
}

export function formatBytes(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const step = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const options: Intl.NumberFormatOptions = { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: step > 1 ? 1 : 0 };
  return new Intl.NumberFormat(displayLocale(), options).format(bytes / 1000 ** step);
}

export function formatMs(ms: number): string {
  const [value, unit] = ms < 1000 ? [Math.max(1, Math.round(ms)), "millisecond"] : [ms / 1000, "second"];
  const options: Intl.NumberFormatOptions = { style: "unit", unit: String(unit), unitDisplay: "short", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(displayLocale(), options).format(Number(value));
}

export function formatDay(moment: Date): string {
  return new Intl.DateTimeFormat(displayLocale(), { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(moment);
}

export function formatTime(moment: Date): string {
  return new Intl.DateTimeFormat(displayLocale(), { hour: "2-digit", minute: "2-digit" }).format(moment);
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3600], ["minute", 60]];

/** "3 hours ago", "yesterday". */
export function formatAgo(moment: Date, now = new Date()): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(displayLocale(), { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

/** "15 minutes", "6 hours", "1 day": a span in the largest unit that it is a whole number of. */
export function formatMinutes(minutes: number): string {
  const [value, unit] = minutes % 1440 === 0 ? [minutes / 1440, "day"] : minutes % 60 === 0 ? [minutes / 60, "hour"] : [minutes, "minute"];
  return new Intl.NumberFormat(displayLocale(), { style: "unit", unit, unitDisplay: "long" }).format(value);
}
