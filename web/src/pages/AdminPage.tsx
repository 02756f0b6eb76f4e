import { useTranslation } from "react-i18next";
import { Navigate, NavLink, useParams } from "react-router";
import { cx } from "@/components/cx";
import { Page } from "@/components/Page";
import { Skeleton } from "@/components/Skeleton";
import { useSession } from "@/features/people/api";
import { AuditLog } from "@/features/people/AuditLog";
import { Keys } from "@/features/people/Keys";
import { Members } from "@/features/people/Members";
import { ModelSettings } from "@/features/people/ModelSettings";
import { Persons } from "@/features/people/Persons";
import { RowPolicies } from "@/features/people/RowPolicies";
import { Usage } from "@/features/people/Usage";
import { Webhooks } from "@/features/people/Webhooks";

const PARTS = { members: { right: "members", Show: Members }, policies: { right: "policies", Show: RowPolicies }, keys: { right: "own_keys", Show: Keys }, webhooks: { right: "connect", Show: Webhooks }, usage: { right: "operate", Show: Usage }, model: { right: "operate", Show: ModelSettings }, persons: { right: "operate", Show: Persons }, audit: { right: "audit", Show: AuditLog } } as const;
type Name = keyof typeof PARTS;
const NAMES = Object.keys(PARTS) as Name[];

/** Looking after people: who may come in, what they see, and what they did. */
export default function AdminPage() {
  const { t } = useTranslation();
  const { part } = useParams();
  const { data: session } = useSession();
  if (!session) return <Page title={t("people.admin")}><Skeleton lines={4} /></Page>;
  const open = NAMES.filter((name) => session.rights.includes(PARTS[name].right));
  const shown = open.find((name) => name === part);
  if (!shown) return <Navigate to={open[0] ? `/admin/${open[0]}` : "/"} replace />;
  const { Show } = PARTS[shown];
  return (
    <Page title={t("people.admin")}>
      <nav aria-label={t("people.parts")} className="flex flex-wrap gap-y-1 border-b border-line">
        {open.map((name) => (
          <NavLink key={name} to={`/admin/${name}`} className={({ isActive }) => cx("control flex items-center border-b-2 px-2 text-14", isActive ? "border-accent font-medium text-accent" : "border-transparent text-muted hover:text-text")}>
            {t(`people.${name}.title`)}
          </NavLink>
        ))}
      </nav>
      <Show />
    </Page>
  );
}
