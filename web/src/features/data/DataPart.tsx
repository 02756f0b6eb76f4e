import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { cx } from "@/components/cx";
import { Failure } from "@/components/Failure";
import { Page } from "@/components/Page";
import { Skeleton } from "@/components/Skeleton";
import { type Right, useMay } from "@/features/people/rights";
import { useCurrentWorkspace } from "@/features/sources/workspace";
import { WorkspaceSwitch } from "@/features/sources/WorkspaceSwitch";
import { ApiError } from "@/lib/api/errors";
import type { Workspace } from "@/lib/api/types";

type Part = "tables" | "sources" | "events" | "loads" | "rates";
const PARTS: { name: Part; to: string; right?: Right }[] = [
  { name: "tables", to: "/data" }, { name: "sources", to: "/data/sources" }, { name: "events", to: "/data/events", right: "connect" },
  { name: "loads", to: "/data/loads", right: "load" }, { name: "rates", to: "/data/rates" },
];

interface DataPartProps {
  part: Part;
  /** What stands above the choice of the workspace. */
  before?: ReactNode;
  children: (workspace: Workspace) => ReactNode;
}

/** The frame of the pages about data: their links, and the workspace that they are about. */
export function DataPart({ part, before, children }: DataPartProps) {
  const { t } = useTranslation();
  const { query, current, workspaces } = useCurrentWorkspace();
  const may = useMay(current?.name);
  return (
    <Page title={t("data.title")}>
      <nav aria-label={t("data.parts")} className="flex flex-wrap gap-1 border-b border-line">
        {PARTS.filter(({ right }) => !right || may(right)).map(({ name, to }) => (
          <NavLink key={name} end to={to} className={({ isActive }) => cx("control flex items-center border-b-2 px-2 text-14 sm:px-3", isActive ? "border-accent font-medium text-accent" : "border-transparent text-muted hover:text-text")}>
            {t(`data.part.${name}`)}
          </NavLink>
        ))}
      </nav>
      {before}
      {query.error instanceof ApiError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton lines={4} />}
      {current && part !== "tables" && workspaces.length > 1 && <div className="-my-3 flex justify-end"><WorkspaceSwitch side="bottom" /></div>}
      {current && <div key={`${part} ${current.name}`} className="flex flex-col gap-6">{children(current)}</div>}
    </Page>
  );
}
