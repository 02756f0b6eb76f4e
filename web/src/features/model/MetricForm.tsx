import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Field, Select } from "@/features/people/Field";
import type { SemanticModel } from "@/gen/wire";
import { ApiError } from "@/lib/api/errors";
import { type Made, type NewMetric, useMakeMetric, useTryMetric } from "@/lib/api/model";
import { formatCell } from "@/lib/format/cell";
import { MetricParts } from "./MetricParts";

interface MetricFormProps {
  workspace: string;
  model: SemanticModel;
  onMade: (made: Made) => void;
  onCancel: () => void;
}

const KINDS = ["column", "part", "ratio", "formula"] as const;
const SHOWN = ["auto", "number", "share", "money"] as const;
const EMPTY: NewMetric = { label: "", kind: "column", shown: "auto", agg: "sum" };

/** A new figure without writing YAML: what it is made of, what it would be, and the words it is asked by. */
export function MetricForm({ workspace, model, onMade, onCancel }: MetricFormProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(EMPTY);
  const [words, setWords] = useState("");
  const trial = useTryMetric(workspace);
  const making = useMakeMetric(workspace);
  const set = (part: Partial<NewMetric>) => {
    setWanted((now) => ({ ...now, ...part }));
    trial.reset();
    making.reset();
  };
  const whole = { ...wanted, synonyms: words.split(",").map((word) => word.trim()).filter(Boolean) };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate(whole, { onSuccess: onMade });
  };
  const error = making.error ?? trial.error;
  const busy = making.isPending || trial.isPending;
  return (
    <form onSubmit={submit} aria-label={t("model.new.title")} className="flex flex-col gap-4 rounded-card border border-line bg-surface p-4">
      <Field label={t("model.name")} required autoFocus maxLength={120} value={wanted.label} placeholder={t("model.new.example")} onChange={(event) => set({ label: event.target.value })} />
      <Select label={t("model.new.kind")} value={wanted.kind} onChange={(kind) => set({ kind: kind as NewMetric["kind"] })} options={KINDS.map((value) => ({ value, label: t(`model.new.kinds.${value}`) }))} />
      <MetricParts workspace={workspace} model={model} wanted={wanted} onChange={set} />
      <div className="grid gap-3 sm:grid-cols-2">
        <Select label={t("model.new.shown")} value={wanted.shown} onChange={(shown) => set({ shown: shown as NewMetric["shown"] })} options={SHOWN.map((value) => ({ value, label: t(`model.new.shownAs.${value}`) }))} />
        {wanted.shown === "money" && <Field label={t("model.new.currency")} required pattern="[A-Z]{3}" maxLength={3} placeholder="USD" value={wanted.currency ?? ""} onChange={(event) => set({ currency: event.target.value.toUpperCase() })} />}
        <Select label={t("model.new.good")} value={wanted.good ?? ""} onChange={(good) => set({ good: (good || null) as NewMetric["good"] })} options={["", "up", "down"].map((value) => ({ value, label: t(`model.new.goodWhen.${value || "neither" as "up"}` as "model.new.goodWhen.up") }))} />
      </div>
      <Field label={t("model.otherWords")} hint={t("model.otherWordsHint")} value={words} onChange={(event) => setWords(event.target.value)} />
      {error instanceof ApiError && <Failure error={error} />}
      {trial.data && <Preview made={trial.data} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={busy}>{t(making.isPending ? "model.trying" : "model.new.keep")}</Button>
        <Button disabled={busy || !wanted.label.trim()} onClick={() => trial.mutate(whole)}>{t(trial.isPending ? "model.trying" : "model.new.try")}</Button>
        <Button look="quiet" onClick={onCancel}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}

/** What the figure is on the data there is: over all time, and in the last full month. */
function Preview({ made }: { made: Made }) {
  const { t } = useTranslation();
  return (
    <dl role="status" className="flex flex-wrap gap-x-8 gap-y-2 rounded-control bg-raised px-4 py-3">
      <div>
        <dt className="text-13 text-muted">{t("model.new.total")}</dt>
        <dd className="text-18 font-semibold tabular-nums wrap-anywhere">{formatCell(made.total, made.column)}</dd>
      </div>
      <div>
        <dt className="text-13 text-muted">{t("model.new.lastMonth")}</dt>
        <dd className="text-18 font-semibold tabular-nums wrap-anywhere">{formatCell(made.last_month, made.column)}</dd>
      </div>
    </dl>
  );
}
