import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { ApiError } from "@/lib/api/errors";
import { type ModelSetting, type ModelSettingName, useChangeModelSettings, useModelSettings } from "@/lib/api/system";
import { Field, Part } from "./Field";
import { ModelTrial } from "./ModelTrial";

const LIMITS = ["model_seconds", "model_turn_tokens", "model_user_tokens", "model_workspace_tokens"] as const;

/** Which language model may help, how much of it, and whether it works. */
export function ModelSettings() {
  const { t } = useTranslation();
  const { data, error, dataUpdatedAt } = useModelSettings();
  return (
    <Part title={t("people.model.title")} about={t("people.model.about")}>
      {error instanceof ApiError && <Failure error={error} />}
      {!data && !error && <Skeleton lines={6} />}
      {data && <SettingsForm key={dataUpdatedAt} items={data} />}
      <ModelTrial />
    </Part>
  );
}

function SettingsForm({ items }: { items: ModelSetting[] }) {
  const { t } = useTranslation();
  const change = useChangeModelSettings();
  const [wanted, setWanted] = useState<Partial<Record<ModelSettingName, string>>>({});
  const known = (name: ModelSettingName) => items.find((item) => item.name === name);
  const of = (name: ModelSettingName, hint?: string) => {
    const fixed = known(name)?.from === "environment";
    const said = fixed ? t("people.model.fixed") : hint;
    return {
      label: t(`people.model.${name}`),
      disabled: fixed,
      value: wanted[name] ?? String(known(name)?.value ?? ""),
      onChange: (event: { target: { value: string } }) => setWanted({ ...wanted, [name]: event.target.value }),
      ...(said && { hint: said }),
    };
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const limits = LIMITS.filter((name) => wanted[name] !== undefined).map((name) => [name, wanted[name] === "" ? null : Number(wanted[name])]);
    change.mutate({ ...wanted, ...Object.fromEntries(limits) });
  };
  const key = known("model_key")?.from;
  const moves = wanted.model_url !== undefined && wanted.model_url !== known("model_url")?.value && key === "page";
  const keyHint = t(moves ? "people.model.keyAgain" : key === "page" ? "people.model.keyKept" : "people.model.keyNone");
  return (
    <form onSubmit={submit} aria-label={t("people.model.title")} className="flex flex-col gap-4 rounded-card border border-line bg-surface p-4">
      <Field {...of("model_url", t("people.model.urlHint"))} type="url" inputMode="url" placeholder="https://api.openai.com/v1" maxLength={500} />
      <Field {...of("model", t("people.model.nameHint"))} maxLength={200} spellCheck={false} />
      <Field {...of("model_key", keyHint)} type="password" autoComplete="off" maxLength={2000} />
      <div className="grid items-start gap-3 sm:grid-cols-2">
        {LIMITS.map((name) => <Field key={name} {...of(name)} type="number" min={0} step={name === "model_seconds" ? "any" : 1} />)}
      </div>
      <p className="text-13 text-subtle">{t("people.model.limitsHint")}</p>
      {change.error instanceof ApiError && <Failure error={change.error} />}
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" look="primary" disabled={change.isPending || Object.keys(wanted).length === 0}>{t("action.save")}</Button>
        {key === "page" && <Button disabled={change.isPending} onClick={() => change.mutate({ model_key: "" })}>{t("people.model.keyRemove")}</Button>}
      </div>
    </form>
  );
}
