import { useTranslation } from "react-i18next";
import { Field, Select } from "@/features/people/Field";
import type { Escalation, Telling } from "@/lib/api/alerts";
import type { Severity } from "@/lib/api/digests";
import { Where } from "./Where";

const SEVERITIES: Severity[] = ["info", "warning", "critical"];

interface TellingFieldsProps {
  telling: Telling;
  onChange: (telling: Telling) => void;
}

/** How often it may speak of the same thing. */
export function TellingFields({ telling, onChange }: TellingFieldsProps) {
  const { t } = useTranslation();
  return (
    <details>
      <summary className="control rounded-control py-2 text-14 font-medium">{t("alert.telling.title")}</summary>
      <div className="flex flex-col gap-3 pt-1">
        <div className="grid items-start gap-3 sm:grid-cols-2">
          <Field label={t("alert.telling.remind")} hint={t("alert.telling.remindHint")} type="number" min={0} max={90} value={telling.remind_days} onChange={(event) => onChange({ ...telling, remind_days: Number(event.target.value) })} />
          <Field label={t("alert.telling.calm")} hint={t("alert.telling.calmHint")} type="number" min={0} max={90} value={telling.calm_days} onChange={(event) => onChange({ ...telling, calm_days: Number(event.target.value) })} />
        </div>
        <label className="control flex items-center gap-2 text-14">
          <input type="checkbox" checked={telling.tell_end} onChange={(event) => onChange({ ...telling, tell_end: event.target.checked })} className="size-4 accent-accent" />
          {t("alert.telling.end")}
        </label>
      </div>
    </details>
  );
}

interface EscalationFieldsProps {
  workspace: string;
  escalation: Escalation | null;
  onChange: (escalation: Escalation | null) => void;
}

/** Where it goes as well when nobody says that they know. */
export function EscalationFields({ workspace, escalation, onChange }: EscalationFieldsProps) {
  const { t } = useTranslation();
  const fresh: Escalation = { channels: ["inbox"], webhook_id: null, teams_id: null, slack_channel: null, after_minutes: 60, least: "critical" };
  return (
    <details open={escalation !== null}>
      <summary className="control rounded-control py-2 text-14 font-medium">{t("alert.escalation.title")}</summary>
      <div className="flex flex-col gap-3 pt-1">
        <label className="control flex items-center gap-2 text-14">
          <input type="checkbox" checked={escalation !== null} onChange={(event) => onChange(event.target.checked ? fresh : null)} className="size-4 accent-accent" />
          {t("alert.escalation.want")}
        </label>
        {escalation && (
          <>
            <div className="grid items-end gap-3 sm:grid-cols-2">
              <Field label={t("alert.escalation.after")} type="number" min={5} max={10_080} value={escalation.after_minutes} onChange={(event) => onChange({ ...escalation, after_minutes: Number(event.target.value) })} />
              <Select label={t("alert.escalation.least")} value={escalation.least} onChange={(least) => onChange({ ...escalation, least: least as Severity })} options={SEVERITIES.map((value) => ({ value, label: t(`alert.severity.${value}`) }))} />
            </div>
            <Where workspace={workspace} legend={t("alert.escalation.where")} target={escalation} onChange={(part) => onChange({ ...escalation, ...part })} />
          </>
        )}
      </div>
    </details>
  );
}
