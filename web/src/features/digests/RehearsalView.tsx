import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/components/cx";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { DAYS, type Rehearsal, type RehearsalOf, useRehearsal } from "@/lib/api/digests";
import { ApiError } from "@/lib/api/errors";
import { displayLocale } from "@/lib/format/locale";
import { formatDay } from "@/lib/format/misc";
import { MessageView } from "./MessageView";
import { useAsk } from "./useAsk";

/** The first moment may lie in the morning of the day that is ninety days gone. */
const SHOWN = DAYS + 1;
const DAY_MS = 86_400_000;

type Said = Rehearsal["messages"][number];

/** Which messages would have come in the last months, as a calendar; each opens as it would have been. */
export function RehearsalView({ of, zone, workspace }: { of: RehearsalOf; zone: string; workspace: string }) {
  const { t } = useTranslation();
  const { data, error } = useRehearsal(of);
  const [open, setOpen] = useState<string | null>(null);
  const ask = useAsk(workspace);
  if (error instanceof ApiError) return <Failure error={error} />;
  if (!data) return <Skeleton lines={4} />;
  const shown = data.messages.find((one) => one.at === open);
  return (
    <section aria-label={t("tell.rehearsal")} className="flex flex-col gap-3">
      <p role="status" className="text-13 text-muted">
        {data.error || (data.finished ? t("tell.wouldHave", { count: data.messages.length, days: DAYS }) : t("tell.rehearsing", { done: data.done, of: data.of }))}
      </p>
      <Calendar messages={data.messages} zone={zone} open={open} onOpen={(at) => setOpen(at === open ? null : at)} />
      {shown && (
        <div className="rounded-card border border-line bg-canvas p-4">
          <p className="mb-3 text-13 text-subtle">{formatDay(new Date(shown.at))}</p>
          <MessageView body={shown} onAsk={ask} />
        </div>
      )}
    </section>
  );
}

/** The day of a moment on a wall clock, as 2026-11-21. */
function dayOf(moment: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(moment);
}

/** The days shown, month by month, each month with its days in weeks from Monday. */
function months(zone: string): { name: string; lead: number; days: string[] }[] {
  const today = Date.parse(dayOf(new Date(), zone));
  const days = Array.from({ length: SHOWN }, (_, at) => new Date(today - (SHOWN - 1 - at) * DAY_MS));
  const keys = [...new Set(days.map((day) => day.toISOString().slice(0, 7)))];
  return keys.map((key) => {
    const own = days.filter((day) => day.toISOString().startsWith(key));
    const name = new Intl.DateTimeFormat(displayLocale(), { month: "long", year: "numeric", timeZone: "UTC" }).format(own[0]);
    return { name, lead: ((own[0]?.getUTCDay() ?? 1) + 6) % 7, days: own.map((day) => day.toISOString().slice(0, 10)) };
  });
}

interface CalendarProps {
  messages: Said[];
  zone: string;
  open: string | null;
  onOpen: (at: string) => void;
}

function Calendar({ messages, zone, open, onOpen }: CalendarProps) {
  const { t } = useTranslation();
  const byDay = new Map(messages.map((one) => [dayOf(new Date(one.at), zone), one]));
  return (
    <div className="flex flex-wrap gap-x-8 gap-y-4">
      {months(zone).map(({ name, lead, days }) => (
        <div key={name}>
          <p className="mb-1 text-13 font-medium text-subtle">{name}</p>
          <div className="grid grid-cols-7 gap-1">
            {Array.from({ length: lead }, (_, at) => <span key={at} />)}
            {days.map((day) => {
              const said = byDay.get(day);
              const number = Number(day.slice(8));
              if (!said) return <span key={day} className="flex size-8 items-center justify-center text-12 text-subtle tabular-nums pointer-coarse:size-9">{number}</span>;
              return (
                <button
                  key={day}
                  type="button"
                  aria-pressed={open === said.at}
                  aria-label={t("tell.onDay", { day: formatDay(new Date(said.at)), headline: said.headline })}
                  title={said.headline}
                  onClick={() => onOpen(said.at)}
                  className={cx("flex size-8 items-center justify-center rounded-control border text-12 font-semibold tabular-nums pointer-coarse:size-9", open === said.at ? "border-accent bg-accent text-on-accent" : said.quiet ? "border-edge bg-raised text-muted" : "border-accent bg-accent-soft text-accent")}
                >
                  {number}
                </button>
              );
            })}
          </div>
        </div>
      ))}
    </div>
  );
}
