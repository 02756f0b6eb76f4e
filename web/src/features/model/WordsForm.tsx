import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { useMay } from "@/features/people/rights";
import { ApiError } from "@/lib/api/errors";
import { type Naming, useRemoveMetric, useRename } from "@/lib/api/model";
import { type Described, wordsOf } from "./words";

interface WordsFormProps {
  workspace: string;
  what: Pick<Naming, "kind" | "table" | "name">;
  entry: Described;
  shown: string;
  onDone: () => void;
}

const INPUT = "control w-full rounded-control border border-edge bg-surface px-3 py-1.5 text-16";

/** What people call a thing: its name, other words for it, and what it is. */
export function WordsForm({ workspace, what, entry, shown, onDone }: WordsFormProps) {
  const { t } = useTranslation();
  const rename = useRename(workspace);
  const removal = useRemoveMetric(workspace);
  const may = useMay(workspace);
  const metric = what.kind === "metric" ? what.name : undefined;
  const error = rename.error ?? removal.error;
  const [label, setLabel] = useState(shown);
  const [words, setWords] = useState(wordsOf(entry).join(", "));
  const [description, setDescription] = useState(entry.description ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const synonyms = words.split(",").map((word) => word.trim()).filter(Boolean);
    const named = label.trim() && label.trim() !== shown ? { label: label.trim() } : {};
    rename.mutate({ ...what, ...named, synonyms, description: description.trim() }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onDone()} aria-label={t("model.wordsOf", { name: shown })} className="flex flex-col gap-3 rounded-control bg-raised p-3">
      <Field label={t("model.name")}>{(id) => <input id={id} autoFocus maxLength={120} required value={label} onChange={(event) => setLabel(event.target.value)} className={INPUT} />}</Field>
      <Field label={t("model.otherWords")} hint={t("model.otherWordsHint")}>
        {(id) => <input id={id} value={words} onChange={(event) => setWords(event.target.value)} className={INPUT} />}
      </Field>
      <Field label={t("model.description")}>{(id) => <textarea id={id} rows={2} maxLength={1000} value={description} onChange={(event) => setDescription(event.target.value)} className={INPUT} />}</Field>
      {error instanceof ApiError && <Failure error={error} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={rename.isPending}>{t("action.save")}</Button>
        <Button look="quiet" onClick={onDone}>{t("action.cancel")}</Button>
        {metric && may("model") && <Button look="quiet" className="text-bad sm:ms-auto" disabled={removal.isPending} onClick={() => removal.mutate(metric, { onSuccess: onDone })}>{t("model.new.remove")}</Button>}
      </div>
    </form>
  );
}

function Field({ label, hint, children }: { label: string; hint?: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-13 font-medium text-muted">{label}</label>
      {children(id)}
      {hint && <p className="mt-1 text-13 text-subtle">{hint}</p>}
    </div>
  );
}
