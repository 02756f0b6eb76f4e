import { type ReactNode, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { type Condition, Narrowing } from "@/features/alerts/Narrowing";
import { Where } from "@/features/alerts/Where";
import { figuresOf } from "@/features/model/figures";
import { Field, Select } from "@/features/people/Field";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { type Cadence, type Digest, type DigestDraft, type Timing, usePreview, useSaveDigest } from "@/lib/api/digests";
import { useFields } from "@/lib/api/data";
import { ApiError } from "@/lib/api/errors";
import { useModel } from "@/lib/api/queries";
import { timeZone } from "@/lib/format/locale";
import { Attachments } from "./Attachments";
import { Goals } from "./Goals";
import { MessageView } from "./MessageView";
import { Proposals } from "./Proposals";
import { useAsk } from "./useAsk";
import { weekdayName } from "./words";

const CADENCES: Cadence[] = ["daily", "workdays", "weekly", "monthly", "quarterly", "matters"];
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];
const MONTHDAYS = Array.from({ length: 31 }, (_, at) => at + 1);

/** How long a digest waits for data that is late, in minutes. */
const USUAL_WAIT = 180;

function fresh(workspace: string, name: string): DigestDraft {
  const timing: Timing = { cadence: "weekly", at: "08:00", zone: timeZone(), weekday: 1, monthday: 1 };
  return { workspace, name, timing, recipe: { metrics: [], by: [], filters: [], goals: [] }, channels: ["inbox"], webhook_id: null, teams_id: null, slack_channel: null, attach: [] };
}

interface DigestFormProps {
  /** The digest to change; null makes a new one. */
  digest: Digest | null;
  workspace: string;
  onDone: () => void;
}

/** What to be told, when and where; the message as it would be now is one press away. */
export function DigestForm({ digest, workspace, onDone }: DigestFormProps) {
  const { t } = useTranslation();
  const { workspaces } = useCurrentWorkspace();
  const [draft, setDraft] = useState<DigestDraft>(() => digest ?? fresh(workspace, t("tell.usualName")));
  const save = useSaveDigest();
  const preview = usePreview();
  const ask = useAsk(draft.workspace);
  const change = (part: Partial<DigestDraft>) => setDraft((now) => ({ ...now, ...part }));
  const timing = (part: Partial<Timing>) => change({ timing: { ...draft.timing, ...part } });
  const { name, recipe, channels, webhook_id, teams_id, slack_channel, attach } = draft;
  const body = { workspace: draft.workspace, name, recipe, timing: draft.timing, channels, webhook_id, teams_id, slack_channel, attach };
  const failed = [save.error, preview.error].find((error) => error instanceof ApiError);
  return (
    <form
      aria-label={t(digest ? "tell.change" : "tell.new")}
      className="flex flex-col gap-5 rounded-card border border-line bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...body, id: digest?.id ?? null }, { onSuccess: onDone });
      }}
    >
      <div className="grid items-end gap-3 sm:grid-cols-2">
        <Field label={t("tell.name")} required maxLength={120} value={name} onChange={(event) => change({ name: event.target.value })} />
        {!digest && workspaces.length > 1 && <Select label={t("people.place")} value={draft.workspace} onChange={(next) => setDraft({ ...fresh(next, name), timing: draft.timing })} options={workspaces.map((one) => ({ value: one.name, label: workspaceLabel(one) }))} />}
      </div>
      {!digest && <Proposals workspace={draft.workspace} onChoose={({ name: called, recipe: proposed, cadence }) => change({ name: called, recipe: proposed, timing: { ...draft.timing, cadence } })} />}
      <When timing={draft.timing} onChange={timing} />
      <About key={draft.workspace} draft={draft} onChange={(part) => change({ recipe: { ...recipe, ...part } })} />
      <Where workspace={draft.workspace} legend={t("tell.where")} target={draft} onChange={change} />
      {channels.some((one) => one === "email" || one === "slack") && <Attachments attach={attach} onChange={(next) => change({ attach: next })} />}
      {failed instanceof ApiError && <Failure error={failed} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={save.isPending}>{t("action.save")}</Button>
        <Button disabled={preview.isPending} onClick={() => preview.mutate(body)}>{t(preview.isPending ? "tell.previewing" : "tell.preview")}</Button>
        <Button look="quiet" onClick={onDone}>{t("action.cancel")}</Button>
      </div>
      {preview.data && (
        <section aria-label={t("tell.previewIs")} className="rounded-card border border-line bg-canvas p-4">
          <p className="mb-3 text-13 text-subtle">{t("tell.previewIs")}</p>
          <MessageView body={preview.data} onAsk={ask} />
        </section>
      )}
    </form>
  );
}

function When({ timing, onChange }: { timing: Timing; onChange: (part: Partial<Timing>) => void }) {
  const { t } = useTranslation();
  const zones = useId();
  return (
    <Group title={t("tell.when")}>
      <div className="grid items-start gap-3 sm:grid-cols-2">
        <Select label={t("tell.howOften")} value={timing.cadence} onChange={(cadence) => onChange({ cadence: cadence as Cadence })} options={CADENCES.map((value) => ({ value, label: t(`tell.cadence.${value}`) }))} />
        {timing.cadence === "weekly" && <Select label={t("tell.weekday")} value={String(timing.weekday)} onChange={(day) => onChange({ weekday: Number(day) })} options={WEEKDAYS.map((day) => ({ value: String(day), label: weekdayName(day) }))} />}
        {(timing.cadence === "monthly" || timing.cadence === "quarterly") && <Select label={t("tell.monthday")} value={String(timing.monthday)} onChange={(day) => onChange({ monthday: Number(day) })} options={MONTHDAYS.map((day) => ({ value: String(day), label: String(day) }))} />}
        <Field label={t("tell.time")} type="time" required value={timing.at} onChange={(event) => onChange({ at: event.target.value })} />
        <Field label={t("tell.zone")} required list={zones} value={timing.zone} onChange={(event) => onChange({ zone: event.target.value })} />
        <Field label={t("tell.wait")} type="number" min={0} max={1440} value={timing.wait_minutes ?? USUAL_WAIT} hint={t("tell.waitHint")} onChange={(event) => onChange({ wait_minutes: Number(event.target.value) })} />
        <Field label={t("tell.holidays")} maxLength={12} value={timing.holidays ?? ""} hint={t("tell.holidaysHint")} onChange={(event) => onChange({ holidays: event.target.value || null })} />
        <datalist id={zones}>{Intl.supportedValuesOf("timeZone").map((zone) => <option key={zone} value={zone} />)}</datalist>
      </div>
      <p className="text-13 text-subtle">{t(`tell.about.${timing.cadence}`)}</p>
    </Group>
  );
}

function About({ draft, onChange }: { draft: DigestDraft; onChange: (part: Partial<DigestDraft["recipe"]>) => void }) {
  const { t } = useTranslation();
  const { data } = useModel(draft.workspace);
  const figures = useMemo(() => figuresOf(data?.model), [data]);
  const { metrics, goals } = draft.recipe;
  const toggle = (name: string) => onChange({ metrics: metrics.includes(name) ? metrics.filter((one) => one !== name) : [...metrics, name] });
  return (
    <>
      {figures.length > 0 && (
        <details open={metrics.length > 0}>
          <summary className="control rounded-control py-2 text-14 font-medium">{metrics.length > 0 ? t("tell.onlyThese", { count: metrics.length }) : t("tell.everything")}</summary>
          <div className="flex flex-wrap gap-x-5 gap-y-1 pt-1">
            {figures.map(({ value: name, label }) => (
              <label key={name} className="control flex items-center gap-2 text-14">
                <input type="checkbox" checked={metrics.includes(name)} onChange={() => toggle(name)} className="size-4 accent-accent" />
                <span className="wrap-anywhere">{label}</span>
              </label>
            ))}
          </div>
        </details>
      )}
      <Splits workspace={draft.workspace} by={draft.recipe.by} onChange={(by) => onChange({ by })} />
      <Narrowing workspace={draft.workspace} filters={draft.recipe.filters as Condition[]} onChange={(filters) => onChange({ filters })} />
      {figures.length > 0 && <Goals figures={figures} goals={goals} onChange={(next) => onChange({ goals: next })} />}
    </>
  );
}

/** Segments that the findings are told by; without any, those that tell most. */
function Splits({ workspace, by, onChange }: { workspace: string; by: string[]; onChange: (by: string[]) => void }) {
  const { t } = useTranslation();
  const { data: fields = [] } = useFields(workspace);
  if (fields.length === 0) return null;
  return (
    <details open={by.length > 0}>
      <summary className="control rounded-control py-2 text-14 font-medium">{by.length > 0 ? t("tell.splitBy", { count: by.length }) : t("tell.anySplit")}</summary>
      <div className="flex flex-wrap gap-x-5 gap-y-1 pt-1">
        {fields.map(({ field, label }) => (
          <label key={field} className="control flex items-center gap-2 text-14">
            <input type="checkbox" checked={by.includes(field)} onChange={() => onChange(by.includes(field) ? by.filter((one) => one !== field) : [...by, field])} className="size-4 accent-accent" />
            <span className="wrap-anywhere">{label}</span>
          </label>
        ))}
      </div>
    </details>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 text-14 font-medium">{title}</legend>
      {children}
    </fieldset>
  );
}
