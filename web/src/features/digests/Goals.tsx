import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, IconButton } from "@/components/Button";
import type { Choice } from "@/features/model/figures";
import { Field, Select } from "@/features/people/Field";
import type { Goal } from "@/lib/api/digests";
import { formatCount } from "@/lib/format/misc";

const PERIODS: Goal["period"][] = ["week", "month", "quarter", "year"];

interface GoalsProps {
  figures: Choice[];
  goals: Goal[];
  onChange: (goals: Goal[]) => void;
}

/** Figures to reach in a period: the message then says how far along they are. */
export function Goals({ figures, goals, onChange }: GoalsProps) {
  const { t } = useTranslation();
  const called = (name: string) => figures.find((one) => one.value === name)?.label ?? name;
  const words = ({ metric, goal, growth, period }: Goal) =>
    t("tell.goal.words", { metric: called(metric), period: t(`tell.goal.${period}`), goal: goal ? formatCount(goal) : t("tell.goal.growth", { share: formatCount((growth ?? 0) * 100) }) });
  return (
    <details open={goals.length > 0}>
      <summary className="control rounded-control py-2 text-14 font-medium">{t("tell.goals")}</summary>
      <ul>
        {goals.map((goal, at) => (
          <li key={words(goal)} className="flex items-center gap-2 border-t border-line text-14 first:border-t-0">
            <span className="min-w-0 grow wrap-anywhere">{words(goal)}</span>
            <IconButton label={t("tell.goal.remove", { goal: words(goal) })} onClick={() => onChange(goals.filter((_, other) => other !== at))}><Trash2 aria-hidden className="size-4" /></IconButton>
          </li>
        ))}
      </ul>
      <NewGoal figures={figures} onAdd={(goal) => onChange([...goals, goal])} />
    </details>
  );
}

function NewGoal({ figures, onAdd }: { figures: GoalsProps["figures"]; onAdd: (goal: Goal) => void }) {
  const { t } = useTranslation();
  const [metric, setMetric] = useState(figures[0]?.value ?? "");
  const [value, setValue] = useState("");
  const [period, setPeriod] = useState<Goal["period"]>("month");
  const goal = Number(value);
  const add = () => {
    onAdd({ metric, goal, period });
    setValue("");
  };
  return (
    <div className="grid items-end gap-3 pt-2 sm:grid-cols-[2fr_1fr_1fr_auto]">
      <Select label={t("tell.goal.figure")} value={metric} onChange={setMetric} options={figures} />
      <Field label={t("tell.goal.value")} type="number" min="0" step="any" inputMode="decimal" value={value} onChange={(event) => setValue(event.target.value)} />
      <Select label={t("tell.goal.in")} value={period} onChange={(next) => setPeriod(next as Goal["period"])} options={PERIODS.map((one) => ({ value: one, label: t(`tell.goal.${one}`) }))} />
      <Button disabled={!(goal > 0)} onClick={add}>{t("tell.goal.add")}</Button>
    </div>
  );
}
