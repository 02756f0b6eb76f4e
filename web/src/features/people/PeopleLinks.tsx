import { CircleUser, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { cx } from "@/components/cx";
import { useSession } from "./api";

const ADMIN_RIGHTS = ["members", "policies", "audit"];

/** The ways to one's own account and, for who looks after others, to them. */
export function PeopleLinks() {
  const { t } = useTranslation();
  const { data: session } = useSession();
  if (!session?.signed_in) return null;
  const admin = session.by === "cookie" && ADMIN_RIGHTS.some((right) => session.rights.includes(right));
  const own = session.setup ? { to: "/setup", label: t("people.setUp") } : { to: "/account", label: t("people.account") };
  return (
    <nav aria-label={t("people.links")} className="flex lg:flex-col">
      {admin && <Way to="/admin" label={t("people.admin")} Icon={ShieldCheck} />}
      {(session.setup || session.by === "cookie") && <Way {...own} Icon={CircleUser} />}
    </nav>
  );
}

function Way({ to, label, Icon }: { to: string; label: string; Icon: typeof CircleUser }) {
  return (
    <NavLink
      to={to}
      title={label}
      className={({ isActive }) => cx("control flex items-center gap-2 rounded-control px-2 text-14 max-[399px]:px-1", isActive ? "bg-accent-soft font-medium text-accent" : "text-muted hover:bg-raised hover:text-text")}
    >
      <Icon aria-hidden className="size-4 shrink-0" />
      <span className="max-lg:sr-only">{label}</span>
    </NavLink>
  );
}
