import { ArrowDownRight, ArrowUpRight, CircleDot } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/components/cx";
import { Button } from "@/components/Button";
import { type Insight, useInsights } from "@/lib/api/news";
import { formatDay } from "@/lib/format/misc";
import { readSetting, writeSetting } from "@/lib/storage";

const TONES: Record<Insight["tone"], string> = { good: "text-ok", bad: "text-bad", neutral: "text-subtle" };

interface Look {
  at: Date;
  seen: string[];
}

const READ_MS = 4000;

/** What this reader saw when they looked last, on an earlier day; null at the first time. Looking again counts once read. */
function useLastLook(workspace: string, items: Insight[] | undefined): Look | null {
  const [last] = useState(() => lookOf(readSetting(`seen.${workspace}`)));
  useEffect(() => {
    if (!items) return;
    const now = { at: new Date().toISOString(), seen: items.map((item) => item.identity) };
    const timer = setTimeout(() => writeSetting(`seen.${workspace}`, JSON.stringify(now)), READ_MS);
    return () => clearTimeout(timer);
  }, [workspace, items]);
  return last;
}

function lookOf(text: string | null): Look | null {
  try {
    const { at, seen } = JSON.parse(text ?? "null") as { at: string; seen: string[] };
    return { at: new Date(at), seen };
  } catch {
    return null;
  }
}

/** What left its usual course, each one click away from its explanation; or, in a line, why there is nothing to tell. */
export function WhatChanged({ workspace, onAsk }: { workspace: string; onAsk: (question: string) => void }) {
  const { t } = useTranslation();
  const { data, isError, refetch } = useInsights(workspace);
  const last = useLastLook(workspace, data?.items);
  return (
    <section aria-labelledby="changed" aria-busy={!data && !isError}>
      <h2 id="changed" className="mb-1 text-13 font-medium text-subtle">{last ? t("home.changedSince", { day: formatDay(last.at) }) : t("home.changed")}</h2>
      {isError && <p className="flex flex-wrap items-center gap-3 py-1 text-14 text-muted">{t("home.notLooked")}<Button onClick={() => void refetch()}>{t("action.retry")}</Button></p>}
      {!data && !isError && <FindingsToCome />}
      {data?.items.length === 0 && <p className="py-1 text-14 text-muted">{data.reason ?? (data.period ? t("home.usual", { period: data.period }) : t("home.usualAlways"))}</p>}
      <ul>
        {data?.items.map((item) => (
          <li key={item.identity} className="border-t border-line first:border-t-0">
            <button type="button" onClick={() => onAsk(item.question)} className="control flex w-full items-start gap-3 rounded-control py-2 text-start text-14 hover:text-accent">
              <Mark item={item} />
              <span className="min-w-0 wrap-anywhere">
                {last && !last.seen.includes(item.identity) && <span className="me-2 rounded-full bg-accent-soft px-2 py-0.5 text-12 font-medium text-accent">{t("home.new")}</span>}
                {item.text}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** As much room as three findings take. */
export function FindingsToCome() {
  return (
    <div aria-hidden className="flex flex-col gap-2 py-1">
      {Array.from({ length: 3 }, (_, i) => <div key={i} className="h-13 animate-pulse rounded-control bg-raised" />)}
    </div>
  );
}

function Mark({ item }: { item: Insight }) {
  const Icon = item.direction === "up" ? ArrowUpRight : item.direction === "down" ? ArrowDownRight : CircleDot;
  return <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", TONES[item.tone])} />;
}
