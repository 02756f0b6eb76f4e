import { LayoutDashboard } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Page } from "@/components/Page";
import { Skeleton } from "@/components/Skeleton";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { useDashboards } from "@/lib/api/dashboards";
import { ApiError } from "@/lib/api/errors";
import type { DashboardSummary } from "@/lib/api/types";

/** All dashboards of the reader. */
export default function DashboardsPage() {
  const { t } = useTranslation();
  const query = useDashboards();
  return (
    <Page title={t("dashboards.title")}>
      {query.isPending && <Skeleton lines={4} />}
      {query.error instanceof ApiError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && (
        <Empty title={t("dashboards.none")}>
          {t("dashboards.how")} <Link to="/" className="font-medium text-accent underline">{t("dashboards.ask")}</Link>
        </Empty>
      )}
      {query.data && query.data.length > 0 && (
        <ul className="rounded-card border border-line bg-surface">
          {query.data.map((one) => <Line key={one.id} dashboard={one} />)}
        </ul>
      )}
    </Page>
  );
}

function Line({ dashboard }: { dashboard: DashboardSummary }) {
  const { t } = useTranslation();
  const { workspaces } = useCurrentWorkspace();
  const workspace = workspaces.find((one) => one.name === dashboard.workspace);
  return (
    <li className="border-t border-line first:border-t-0">
      <Link to={`/dashboards/${dashboard.id}`} className="flex items-center gap-3 rounded-control px-4 py-3 -outline-offset-2 hover:text-accent">
        <LayoutDashboard aria-hidden className="size-5 shrink-0 text-subtle" />
        <span className="min-w-0 grow">
          <span className="block truncate text-14 font-medium">{dashboard.title}</span>
          <span className="block truncate text-13 text-subtle">
            {[workspace ? workspaceLabel(workspace) : dashboard.workspace, t("dashboards.answers", { count: dashboard.cards }), dashboard.shared ? t(dashboard.mine ? "dashboards.sharedByMe" : "dashboards.sharedByOther") : null].filter(Boolean).join(" · ")}
          </span>
        </span>
      </Link>
    </li>
  );
}
