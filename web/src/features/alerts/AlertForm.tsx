import { CalendarSearch } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { MessageView } from "@/features/digests/MessageView";
import { RehearsalView } from "@/features/digests/RehearsalView";
import { useAsk } from "@/features/digests/useAsk";
import { Field, Select } from "@/features/people/Field";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { type Alert, type AlertDraft, type Looks, type Rule, type Tried, useSaveAlert, useTryAlert } from "@/lib/api/alerts";
import { ApiError } from "@/lib/api/errors";
import { timeZone } from "@/lib/format/locale";
import { RuleFields, useFirstRule } from "./RuleFields";
import { EscalationFields, TellingFields } from "./Telling";
import { Where } from "./Where";

type Draft = Omit<AlertDraft, "rule"> & { rule: AlertDraft["rule"] | null };

function fresh(workspace: string): Draft {
  return { workspace, name: null, rule: null, looks: { every: "day", at: "08:00", zone: timeZone(), on_data: true }, target: { channels: ["inbox"], webhook_id: null, teams_id: null, slack_channel: null }, telling: { tell_end: true, remind_days: 7, calm_days: 2 }, escalation: null };
}

interface AlertFormProps {
  alert: Alert | null;
  workspace: string;
  /** A rule to begin with, as it was read from a sentence. */
  prepared?: Rule | null;
  onDone: () => void;
}

/** What to watch and where to be told; what it finds now is one press away. */
export function AlertForm({ alert, workspace, prepared = null, onDone }: AlertFormProps) {
  const { t } = useTranslation();
  const { workspaces } = useCurrentWorkspace();
  const [draft, setDraft] = useState<Draft>(() => alert ?? { ...fresh(workspace), rule: prepared });
  const save = useSaveAlert();
  const attempt = useTryAlert();
  const [rehearsed, setRehearsed] = useState<Record<string, unknown> | null>(null);
  const first = useFirstRule(draft.workspace);
  const rule = draft.rule ?? first;
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const { name, looks, target, telling, escalation } = draft;
  const body = rule && { workspace: draft.workspace, name: name?.trim() || null, rule, looks, target, telling, escalation };
  const failed = [save.error, attempt.error].find((error) => error instanceof ApiError);
  return (
    <form
      aria-label={t(alert ? "alert.change" : "alert.new")}
      className="flex flex-col gap-5 rounded-card border border-line bg-surface p-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (body) save.mutate({ ...body, id: alert?.id ?? null }, { onSuccess: onDone });
      }}
    >
      {!alert && workspaces.length > 1 && <Select label={t("people.place")} value={draft.workspace} onChange={(next) => setDraft({ ...fresh(next), looks })} options={workspaces.map((one) => ({ value: one.name, label: workspaceLabel(one) }))} />}
      <RuleFields key={draft.workspace} workspace={draft.workspace} rule={rule} onChange={(next) => change({ rule: next })} />
      <LookFields looks={looks} onChange={(part) => change({ looks: { ...looks, ...part } })} />
      <Where workspace={draft.workspace} legend={t("tell.where")} target={target} onChange={(part) => change({ target: { ...target, ...part } })} />
      <div>
        <TellingFields telling={telling} onChange={(next) => change({ telling: next })} />
        <EscalationFields workspace={draft.workspace} escalation={escalation} onChange={(next) => change({ escalation: next })} />
      </div>
      <Field label={t("tell.name")} hint={t("alert.nameHint")} maxLength={120} value={name ?? ""} onChange={(event) => change({ name: event.target.value })} />
      {failed instanceof ApiError && <Failure error={failed} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" disabled={!body || save.isPending}>{t("action.save")}</Button>
        <Button disabled={!body || attempt.isPending} onClick={() => body && attempt.mutate(body)}>{t(attempt.isPending ? "alert.trying" : "alert.try")}</Button>
        <Button disabled={!body} icon={<CalendarSearch aria-hidden className="size-4" />} onClick={() => body && setRehearsed({ workspace: body.workspace, rule: body.rule, looks, telling })}>{t("tell.rehearse")}</Button>
        <Button look="quiet" onClick={onDone}>{t("action.cancel")}</Button>
      </div>
      {attempt.data && <Found tried={attempt.data} workspace={draft.workspace} />}
      {rehearsed && <RehearsalView key={JSON.stringify(rehearsed)} of={{ kind: "rule", body: rehearsed }} zone={looks.zone} workspace={draft.workspace} />}
    </form>
  );
}

/** What the rule finds now. */
function Found({ tried, workspace }: { tried: Tried; workspace: string }) {
  const { t } = useTranslation();
  const ask = useAsk(workspace);
  const seen = tried.shown && <p className="text-13 text-subtle">{tried.shown}</p>;
  if (tried.waiting) return <Banner tone="info" role="status"><p>{tried.waiting}</p>{seen}</Banner>;
  if (!tried.message) return <Banner tone="info" role="status"><p>{t(tried.holds ? "alert.holds" : "alert.fine")}</p>{seen}</Banner>;
  return (
    <section aria-label={t("alert.found")} className="rounded-card border border-line bg-canvas p-4">
      <p className="mb-3 text-13 text-subtle">{t("alert.found")}</p>
      <MessageView body={tried.message} onAsk={ask} />
    </section>
  );
}

function LookFields({ looks, onChange }: { looks: Looks; onChange: (part: Partial<Looks>) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 text-14 font-medium">{t("alert.looks")}</legend>
      <div className="grid items-start gap-3 sm:grid-cols-3">
        <Select label={t("tell.howOften")} value={looks.every} onChange={(every) => onChange({ every: every as Looks["every"] })} options={(["day", "workdays"] as const).map((value) => ({ value, label: t(value === "day" ? "tell.cadence.daily" : "tell.cadence.workdays") }))} />
        <Field label={t("tell.time")} type="time" required value={looks.at} onChange={(event) => onChange({ at: event.target.value })} />
        <Field label={t("tell.zone")} required value={looks.zone} onChange={(event) => onChange({ zone: event.target.value })} />
      </div>
      <label className="control flex items-center gap-2 text-14">
        <input type="checkbox" checked={looks.on_data} onChange={(event) => onChange({ on_data: event.target.checked })} className="size-4 accent-accent" />
        {t("alert.onData")}
      </label>
    </fieldset>
  );
}
