// How the timing of a digest is said.
import type { TFunction } from "i18next";
import type { Timing } from "@/lib/api/digests";
import { displayLocale } from "@/lib/format/locale";

/** 1 January 2024 was a Monday. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** The name of a weekday, 1 being Monday. */
export function weekdayName(weekday: number): string {
  return new Intl.DateTimeFormat(displayLocale(), { weekday: "long", timeZone: "UTC" }).format(new Date(MONDAY + (weekday - 1) * DAY_MS));
}

/** "Weekly, on Monday at 08:00 (Europe/Berlin)". */
export function timingWords(t: TFunction, { cadence, at, zone, weekday, monthday }: Timing): string {
  const cadenceWords = t(`tell.cadence.${cadence}`);
  if (cadence === "weekly") return t("tell.weeklyAt", { cadence: cadenceWords, day: weekdayName(weekday), at, zone });
  if (cadence === "monthly") return t("tell.monthlyAt", { cadence: cadenceWords, day: monthday, at, zone });
  return t("tell.at", { cadence: cadenceWords, at, zone });
}
