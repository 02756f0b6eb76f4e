import type { ThreadSummary } from "@/lib/api/types";

export interface Day {
  day: string;
  items: ThreadSummary[];
}

/** Threads by the reader's calendar day of their last change ("2026-11-21"), newest first. */
export function groupByDay(threads: ThreadSummary[]): Day[] {
  const sorted = threads.toSorted((a, b) => Date.parse(b.updated_at) - Date.parse(a.updated_at));
  const days = new Map<string, ThreadSummary[]>();
  for (const thread of sorted) {
    const day = localDay(new Date(thread.updated_at));
    days.set(day, [...(days.get(day) ?? []), thread]);
  }
  return Array.from(days, ([day, items]) => ({ day, items }));
}

function localDay(moment: Date): string {
  const part = (value: number) => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${part(moment.getMonth() + 1)}-${part(moment.getDate())}`;
}
