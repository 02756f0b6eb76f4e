import type { TFunction } from "i18next";
import { BellOff, CalendarSearch, Eye, History, Pause, Pencil, Play, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionMenu } from "@/components/ActionMenu";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { RehearsalView } from "@/features/digests/RehearsalView";
import { useWorkspaceLabel } from "@/features/sources/workspace";
import { type Alert, useChangeAlert, useCheckAlert, useDeleteAlert, useLooks } from "@/lib/api/alerts";
import { ApiError } from "@/lib/api/errors";
import { formatDay, formatTime } from "@/lib/format/misc";
import { AlertForm } from "./AlertForm";
import { SeverityMark } from "./SeverityMark";

const ICON = "size-4 text-subtle";
const WEEK_MS = 7 * 86_400_000;
type Shown = "change" | "rehearsal" | "history" | "delete" | null;

/** One alert: what it watches and how that stands, what it found and would have said, and how to keep it quiet. */
export function AlertCard({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<Shown>(null);
  const workspace = useWorkspaceLabel(alert.workspace);
  const change = useChangeAlert();
  const check = useCheckAlert();
  const gone = useDeleteAlert();
  const snoozed = alert.snoozed_until !== null && new Date(alert.snoozed_until) > new Date();
  const failed = [change.error, check.error, gone.error].find((error) => error instanceof ApiError);
  const toggle = (what: Shown) => setShown(shown === what ? null : what);
  const snooze = () => change.mutate({ id: alert.id, snoozed_until: snoozed ? null : new Date(Date.now() + WEEK_MS).toISOString() });
  const actions = [
    { name: t("tell.do.change"), icon: <Pencil aria-hidden className={ICON} />, onChoose: () => setShown("change") },
    { name: t("alert.check"), icon: <Eye aria-hidden className={ICON} />, onChoose: () => check.mutate(alert.id) },
    { name: t("alert.history"), icon: <History aria-hidden className={ICON} />, onChoose: () => setShown("history") },
    { name: snoozed ? t("tell.do.unmute") : t("tell.do.mute"), icon: <BellOff aria-hidden className={ICON} />, onChoose: snooze },
    alert.active
      ? { name: t("tell.do.off"), icon: <Pause aria-hidden className={ICON} />, onChoose: () => change.mutate({ id: alert.id, active: false }) }
      : { name: t("tell.do.on"), icon: <Play aria-hidden className={ICON} />, onChoose: () => change.mutate({ id: alert.id, active: true }) },
    { name: t("tell.do.delete"), icon: <Trash2 aria-hidden className="size-4" />, danger: true, onChoose: () => setShown("delete") },
  ];
  if (shown === "change") return <li><AlertForm alert={alert} workspace={alert.workspace} onDone={() => setShown(null)} /></li>;
  return (
    <li className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4">
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <h3 className="text-16 font-semibold wrap-anywhere">{alert.name}</h3>
          <p className="flex flex-wrap items-center gap-x-2 text-14 text-muted wrap-anywhere">
            {alert.open > 0 && alert.severity ? <SeverityMark severity={alert.severity} text={t("alert.lasting", { count: alert.open })} /> : lastWords(alert, t)}
          </p>
          <p className="text-13 text-subtle wrap-anywhere">{[t("alert.tells", { kind: t(`alert.kinds.${alert.rule.kind}`) }), workspace, stateOf(alert, snoozed, t)].join(" · ")}</p>
        </div>
        <ActionMenu label={t("history.menu", { title: alert.name })} actions={actions} />
      </div>
      <div><Button aria-expanded={shown === "rehearsal"} icon={<CalendarSearch aria-hidden className="size-4" />} onClick={() => toggle("rehearsal")}>{t("tell.rehearse")}</Button></div>
      <p role="status" className="text-13 text-muted empty:hidden">{check.isSuccess ? t("alert.checking") : null}</p>
      {failed instanceof ApiError && <Failure error={failed} />}
      {shown === "rehearsal" && <RehearsalView of={{ kind: "alerts", id: alert.id }} zone={alert.looks.zone} workspace={alert.workspace} />}
      {shown === "history" && <Looks alert={alert.id} />}
      {shown === "delete" && (
        <div className="flex flex-wrap items-center gap-2 text-14">
          <span className="grow">{t("alert.deleteWhat")}</span>
          <Button autoFocus className="text-bad" disabled={gone.isPending} onClick={() => gone.mutate(alert.id)}>{t("history.confirm")}</Button>
          <Button look="quiet" onClick={() => setShown(null)}>{t("action.cancel")}</Button>
        </div>
      )}
    </li>
  );
}

/** What came of each look, newest first. */
function Looks({ alert }: { alert: string }) {
  const { t } = useTranslation();
  const { data } = useLooks(alert);
  if (!data) return <Skeleton lines={3} />;
  if (data.length === 0) return <p className="text-13 text-muted">{t("alert.noLooks")}</p>;
  return (
    <ul aria-label={t("alert.history")} className="border-t border-line">
      {data.map((look) => (
        <li key={look.id} className="border-t border-line py-2 text-14 first:border-t-0">
          {t(`alert.outcomes.${look.outcome}`)}
          {look.note && <span className="text-muted wrap-anywhere">{`: ${look.note}`}</span>}
          <span className="block text-13 text-subtle">{`${formatDay(new Date(look.looked_at))}, ${formatTime(new Date(look.looked_at))}`}</span>
        </li>
      ))}
    </ul>
  );
}

type T = TFunction;

function lastWords({ last }: Alert, t: T): string {
  if (!last) return t("alert.notLooked");
  const outcome = t(`alert.outcomes.${last.outcome}`);
  return last.outcome === "failed" || last.outcome === "waiting" ? [outcome, last.note].filter(Boolean).join(": ") : outcome;
}

function stateOf(alert: Alert, snoozed: boolean, t: T): string {
  if (snoozed && alert.active && alert.snoozed_until) return t("tell.state.muted", { day: formatDay(new Date(alert.snoozed_until)) });
  if (!alert.active || !alert.next_at) return t("tell.state.off");
  return t("alert.next", { day: formatDay(new Date(alert.next_at)), at: formatTime(new Date(alert.next_at)) });
}
