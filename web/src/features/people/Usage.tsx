import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { ApiError } from "@/lib/api/errors";
import { getJson, put } from "@/lib/api/http";
import { formatCount } from "@/lib/format/misc";
import { usePeople } from "./api";
import { Field, Part, Select } from "./Field";

interface Budget {
  kind: "person" | "workspace";
  of: string;
  name: string;
  questions: number;
  asked: number | null;
}

interface Budgets {
  items: Budget[];
}

interface Used {
  questions: { day: string; workspace: string; person: string; asked: number }[];
}

const DAYS = 30;
const DAY_MS = 86_400_000;
const EACH = "*";

/** How much is asked, day by day, and how much each person and workspace may ask in a day. */
export function Usage() {
  const { t } = useTranslation();
  const used = useQuery({ queryKey: ["usage"], queryFn: ({ signal }) => getJson<Used>(`/v1/usage?days=${DAYS}`, signal) });
  const budgets = useQuery({ queryKey: ["budgets"], queryFn: ({ signal }) => getJson<Budgets>("/v1/budgets", signal) });
  const failed = [used.error, budgets.error].find((error) => error instanceof ApiError);
  return (
    <Part title={t("people.usage.title")} about={t("people.usage.about")}>
      {failed instanceof ApiError && <Failure error={failed} onRetry={() => void Promise.all([used.refetch(), budgets.refetch()])} />}
      {(used.isPending || budgets.isPending) && <Skeleton lines={3} />}
      {used.data && <Course used={used.data} />}
      {budgets.data && <BudgetList items={budgets.data.items} />}
      {budgets.data && <NewBudget />}
    </Part>
  );
}

/** The days shown, oldest first, with what was asked in each; and what this month comes to if it goes on so. */
function Course({ used }: { used: Used }) {
  const { t } = useTranslation();
  const days = Array.from({ length: DAYS }, (_, at) => new Date(Date.now() - (DAYS - 1 - at) * DAY_MS).toISOString().slice(0, 10));
  const byDay = new Map<string, number>();
  for (const { day, asked } of used.questions) byDay.set(day, (byDay.get(day) ?? 0) + asked);
  const counts = days.map((day) => byDay.get(day) ?? 0);
  const total = counts.reduce((sum, one) => sum + one, 0);
  const most = Math.max(1, ...counts);
  // A pace is known once a whole week lies behind the first question.
  const isKnown = counts.slice(0, -7).some((one) => one > 0);
  const week = counts.slice(-8, -1).reduce((sum, one) => sum + one, 0) / 7;
  return (
    <figure className="flex flex-col gap-2 rounded-card border border-line bg-surface p-4">
      <figcaption className="text-14">{t("people.usage.total", { count: total, shown: formatCount(total) })} {isKnown && t("people.usage.pace", { shown: formatCount(Math.round(week * 30)) })}</figcaption>
      <svg viewBox="0 0 300 48" preserveAspectRatio="none" role="img" aria-label={t("people.usage.course", { most: formatCount(most) })} className="h-12 w-full">
        {counts.map((count, at) => <rect key={days[at]} x={at * 10} width={8} y={48 - Math.max(1, (count / most) * 48)} height={Math.max(1, (count / most) * 48)} fill={count > 0 ? "var(--accent)" : "var(--line)"}><title>{`${days[at]}: ${count}`}</title></rect>)}
      </svg>
    </figure>
  );
}

function useSetBudget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { kind: Budget["kind"]; of: string; questions: number | null }) => put<Budgets>("/v1/budgets", body),
    onSuccess: () => client.invalidateQueries({ queryKey: ["budgets"] }),
  });
}

function useCalled(): (budget: Budget) => string {
  const { t } = useTranslation();
  const { workspaces } = useCurrentWorkspace();
  return ({ kind, of, name }) => {
    if (of === EACH) return t(`people.usage.each.${kind}`);
    const place = kind === "workspace" && workspaces.find((one) => one.name === of);
    return place ? workspaceLabel(place) : name;
  };
}

function BudgetList({ items }: { items: Budget[] }) {
  const { t } = useTranslation();
  const set = useSetBudget();
  const called = useCalled();
  if (items.length === 0) return <p className="text-14 text-subtle">{t("people.usage.none")}</p>;
  return (
    <>
      {set.error instanceof ApiError && <Failure error={set.error} />}
      <ul aria-label={t("people.usage.budgets")} className="rounded-card border border-line bg-surface">
        {items.map((one) => (
          <li key={`${one.kind} ${one.of}`} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-2 text-14 first:border-t-0">
            <span className="min-w-0 grow basis-48">
              <span className="block font-medium wrap-anywhere">{called(one)}</span>
              <span className="block text-13 text-subtle">{one.asked === null ? t("people.usage.aDay", { shown: formatCount(one.questions) }) : t("people.usage.today", { asked: formatCount(one.asked), shown: formatCount(one.questions) })}</span>
              {one.asked !== null && <progress aria-label={called(one)} max={Math.max(1, one.questions)} value={one.asked} className="bar mt-1 h-1.5 w-full" />}
            </span>
            <Button disabled={set.isPending} aria-label={t("people.usage.endThis", { name: called(one) })} onClick={() => set.mutate({ kind: one.kind, of: one.of, questions: null })}>{t("people.usage.end")}</Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function NewBudget() {
  const { t } = useTranslation();
  const { workspaces } = useCurrentWorkspace();
  const { data: people = [] } = usePeople();
  const set = useSetBudget();
  const [of, setOf] = useState(`person ${EACH}`);
  const [questions, setQuestions] = useState("");
  const whose = [
    { value: `person ${EACH}`, label: t("people.usage.each.person") }, { value: `workspace ${EACH}`, label: t("people.usage.each.workspace") },
    ...people.map(({ id, name, email }) => ({ value: `person ${id}`, label: name || email || id })),
    ...workspaces.map((one) => ({ value: `workspace ${one.name}`, label: workspaceLabel(one) })),
  ];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [kind, ...name] = of.split(" ");
    set.mutate({ kind: kind as Budget["kind"], of: name.join(" "), questions: Number(questions) }, { onSuccess: () => setQuestions("") });
  };
  return (
    <form aria-label={t("people.usage.set")} onSubmit={submit} className="grid items-end gap-3 sm:grid-cols-[2fr_1fr_auto]">
      <Select label={t("people.usage.whose")} value={of} onChange={setOf} options={whose} />
      <Field label={t("people.usage.questions")} type="number" min={0} required value={questions} onChange={(event) => setQuestions(event.target.value)} />
      <Button type="submit" look="primary" disabled={set.isPending}>{t("people.usage.set")}</Button>
      {set.error instanceof ApiError && <div className="sm:col-span-3"><Failure error={set.error} /></div>}
    </form>
  );
}
