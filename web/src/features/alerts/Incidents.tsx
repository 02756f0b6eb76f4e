import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { type Incident, useChangeIncident, useIncidents } from "@/lib/api/alerts";
import { ApiError } from "@/lib/api/errors";
import { formatDay } from "@/lib/format/misc";
import { SeverityMark } from "./SeverityMark";

const WEEK_MS = 7 * 86_400_000;

/** What lasts now: each trouble once, to be acknowledged, kept quiet for a while, or ended. */
export function Incidents() {
  const { t } = useTranslation();
  const { data = [] } = useIncidents();
  if (data.length === 0) return null;
  return (
    <section aria-labelledby="lasts">
      <h2 id="lasts" className="mb-1 text-16 font-semibold">{t("alert.now")}</h2>
      <ul className="rounded-card border border-line bg-surface">
        {data.map((one) => <Line key={one.id} incident={one} />)}
      </ul>
    </section>
  );
}

function Line({ incident }: { incident: Incident }) {
  const { t } = useTranslation();
  const change = useChangeIncident();
  const quiet = incident.snoozed_until !== null && new Date(incident.snoozed_until) > new Date();
  const since = t("alert.since", { day: formatDay(new Date(`${incident.since.slice(0, 10)}T12:00:00`)) });
  const state = incident.state === "acknowledged" ? t("alert.known") : quiet && incident.snoozed_until ? t("tell.state.muted", { day: formatDay(new Date(incident.snoozed_until)) }) : null;
  return (
    <li className="flex flex-col gap-2 border-t border-line px-4 py-3 text-14 first:border-t-0">
      <SeverityMark severity={incident.severity} text={incident.text || incident.alert} />
      <p className="text-13 text-subtle wrap-anywhere">{[incident.alert, since, state].filter(Boolean).join(" · ")}</p>
      <div className="flex flex-wrap gap-2">
        {incident.state === "open" && <Button disabled={change.isPending} onClick={() => change.mutate({ id: incident.id, state: "acknowledged" })}>{t("alert.acknowledge")}</Button>}
        {!quiet && <Button disabled={change.isPending} onClick={() => change.mutate({ id: incident.id, snoozed_until: new Date(Date.now() + WEEK_MS).toISOString() })}>{t("tell.do.mute")}</Button>}
        <Button look="quiet" disabled={change.isPending} onClick={() => change.mutate({ id: incident.id, state: "resolved" })}>{t("alert.over")}</Button>
      </div>
      {change.error instanceof ApiError && <Failure error={change.error} />}
    </li>
  );
}
