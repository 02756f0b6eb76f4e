import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { SeverityMark } from "@/features/alerts/SeverityMark";
import type { Incident } from "@/lib/api/alerts";
import { formatDay } from "@/lib/format/misc";

const MOST = 3;
const GRAVEST = { critical: 0, warning: 1, info: 2 } as const;

/** What lasts now in this workspace, the gravest first; what to do about it is on the page of alerts. */
export function OpenAlerts({ incidents }: { incidents: Incident[] }) {
  const { t } = useTranslation();
  if (incidents.length === 0) return null;
  const shown = [...incidents].sort((a, b) => GRAVEST[a.severity] - GRAVEST[b.severity]).slice(0, MOST);
  return (
    <section aria-labelledby="lasts">
      <h2 id="lasts" className="mb-1 text-13 font-medium text-subtle">{t("alert.now")}</h2>
      <ul>
        {shown.map((one) => (
          <li key={one.id} className="border-t border-line first:border-t-0">
            <Link to="/alerts" className="control flex flex-wrap items-start gap-x-3 rounded-control py-2 text-14 hover:bg-raised">
              <span className="min-w-0 grow basis-60"><SeverityMark severity={one.severity} text={one.text || one.alert} /></span>
              <span className="shrink-0 text-13 text-subtle">{t("alert.since", { day: formatDay(new Date(`${one.since.slice(0, 10)}T12:00:00`)) })}</span>
            </Link>
          </li>
        ))}
      </ul>
      {incidents.length > MOST && <Link to="/alerts" className="control inline-flex items-center text-13 text-accent underline">{t("home.allAlerts", { count: incidents.length })}</Link>}
    </section>
  );
}
