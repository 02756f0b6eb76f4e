import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { cx } from "@/components/cx";
import { Page } from "@/components/Page";

const PARTS = { inbox: "/inbox", digests: "/digests", alerts: "/alerts" } as const;
type Part = keyof typeof PARTS;

/** The frame of the pages about being told unasked: what was said, and what is wanted. */
export function TellPage({ part, children }: { part: Part; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Page title={t(`tell.${part}`)}>
      <nav aria-label={t("tell.parts")} className="flex flex-wrap gap-1 border-b border-line">
        {(Object.keys(PARTS) as Part[]).map((name) => (
          <NavLink key={name} to={PARTS[name]} className={({ isActive }) => cx("control flex items-center border-b-2 px-2 text-14 sm:px-3", isActive ? "border-accent font-medium text-accent" : "border-transparent text-muted hover:text-text")}>
            {t(`tell.${name}`)}
          </NavLink>
        ))}
      </nav>
      {children}
    </Page>
  );
}
