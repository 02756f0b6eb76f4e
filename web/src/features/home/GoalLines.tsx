import { useTranslation } from "react-i18next";
import { cx } from "@/components/cx";
import type { Pace, Untold } from "@/lib/api/news";
import { formatCount } from "@/lib/format/misc";

const percent = (share: number) => formatCount(Math.round(share * 100));

/** Where the bar ends: a figure beyond its goal fills it. */
const width = (share: number) => `${Math.min(100, Math.max(0, share * 100))}%`;

/** The reader's goals, each with what is done, what is usual by now, and how likely it is reached. */
export function GoalLines({ goals, onAsk }: { goals: (Pace | Untold)[]; onAsk: (question: string) => void }) {
  const { t } = useTranslation();
  if (goals.length === 0) return null;
  return (
    <section aria-labelledby="goals">
      <h2 id="goals" className="mb-1 text-13 font-medium text-subtle">{t("tell.goals")}</h2>
      <ul>
        {goals.map((goal) => (
          <li key={goal.identity} className="border-t border-line first:border-t-0">
            {"reason" in goal ? <p className="py-2 text-14 text-muted wrap-anywhere">{[goal.label, goal.reason].filter(Boolean).join(": ")}</p> : <Line goal={goal} onAsk={onAsk} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

const FILLS = { good: "bg-ok", bad: "bg-warn", neutral: "bg-accent" } as const;
const WORDS = { good: "text-ok", bad: "text-warn", neutral: "text-muted" } as const;

function Line({ goal, onAsk }: { goal: Pace; onAsk: (question: string) => void }) {
  const { t } = useTranslation();
  const { question } = goal;
  const look = goal.state === "on" ? "neutral" : goal.tone;
  const inside = (
    <>
      <span className="flex flex-wrap items-baseline gap-x-3">
        <span className="min-w-0 font-medium wrap-anywhere">{goal.label}</span>
        <span className="text-13 text-subtle">{goal.span}</span>
        <span className={cx("ms-auto text-13 font-medium", WORDS[look])}>{t(`home.goal.${goal.state}`)}</span>
      </span>
      <span aria-hidden className="relative my-1.5 block h-2 w-full rounded-full bg-raised">
        <span className={cx("absolute inset-y-0 start-0 rounded-full", FILLS[look])} style={{ width: width(goal.share) }} />
        {goal.state !== "reached" && goal.state !== "over" && <span className="absolute -inset-y-1 w-0.5 bg-text" style={{ insetInlineStart: width(goal.usual) }} />}
      </span>
      <span className="block text-13 text-muted">
        {t("home.goal.done", { done: goal.done, goal: goal.goal, share: percent(goal.share) })}
        {goal.chance !== null && goal.state !== "reached" && ` · ${t("home.goal.usual", { share: percent(goal.usual) })} · ${t(goal.better === "down" ? "home.goal.chanceWithin" : "home.goal.chance", { share: percent(goal.chance) })}`}
      </span>
    </>
  );
  if (question === null) return <div className="py-2 text-14">{inside}</div>;
  return <button type="button" onClick={() => onAsk(question)} className="control block w-full rounded-control py-2 text-start text-14 hover:bg-raised">{inside}</button>;
}
