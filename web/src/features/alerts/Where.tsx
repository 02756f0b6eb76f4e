import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Channels } from "@/features/digests/Channels";
import { Field, FIELD } from "@/features/people/Field";
import type { Target } from "@/lib/api/alerts";
import { type Hook, useHooks } from "@/lib/api/digests";

interface WhereProps {
  workspace: string;
  legend: string;
  target: Target;
  onChange: (part: Partial<Target>) => void;
}

/** Where messages go besides the inbox, and what a channel needs to know: which webhook, which room of Slack. */
export function Where({ workspace, legend, target, onChange }: WhereProps) {
  const { t } = useTranslation();
  const { data: hooks = [] } = useHooks(workspace);
  const { channels } = target;
  const first = hooks[0]?.id ?? null;
  const choose = (next: Target["channels"]) =>
    onChange({
      channels: next,
      webhook_id: next.includes("webhook") ? (target.webhook_id ?? first) : null,
      teams_id: next.includes("teams") ? (target.teams_id ?? first) : null,
      slack_channel: next.includes("slack") ? (target.slack_channel ?? null) : null,
    });
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 text-14 font-medium">{legend}</legend>
      <Channels channels={channels} hooks={hooks.length > 0} onChange={choose} />
      <div className="grid items-start gap-3 empty:hidden sm:grid-cols-2">
        {channels.includes("webhook") && <HookField label={t("tell.hook")} hooks={hooks} value={target.webhook_id} onChange={(id) => onChange({ webhook_id: id })} />}
        {channels.includes("teams") && <HookField label={t("tell.teamsHook")} hooks={hooks} value={target.teams_id ?? null} onChange={(id) => onChange({ teams_id: id })} />}
        {channels.includes("slack") && <Field label={t("tell.slackChannel")} hint={t("tell.slackHint")} pattern="[CGD][A-Z0-9]{2,30}" placeholder="C0123456789" value={target.slack_channel ?? ""} onChange={(event) => onChange({ slack_channel: event.target.value.trim() || null })} />}
      </div>
    </fieldset>
  );
}

interface HookFieldProps {
  label: string;
  hooks: Hook[];
  value: string | null;
  onChange: (id: string) => void;
}

function HookField({ label, hooks, value, onChange }: HookFieldProps) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-13 font-medium">{label}</label>
      <select id={id} value={value ?? ""} onChange={(event) => onChange(event.target.value)} className={FIELD}>
        {hooks.map((hook) => <option key={hook.id} value={hook.id}>{hook.url}</option>)}
      </select>
    </div>
  );
}
