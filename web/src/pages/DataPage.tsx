import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { DataPart } from "@/features/data/DataPart";
import { JoinMap } from "@/features/model/JoinMap";
import { Metrics } from "@/features/model/Metrics";
import { Review } from "@/features/model/Review";
import { useMay } from "@/features/people/rights";
import { TableCard } from "@/features/sources/TableCard";
import { UploadPanel } from "@/features/sources/UploadPanel";
import { useCurrentWorkspace } from "@/features/sources/workspace";
import { WorkspaceSwitch } from "@/features/sources/WorkspaceSwitch";
import { ApiError } from "@/lib/api/errors";
import { useModel } from "@/lib/api/queries";
import type { ModelInfo, Workspace } from "@/lib/api/types";
import { formatPeriod } from "@/lib/format/cell";
import { formatAgo } from "@/lib/format/misc";

/** What can be asked about, and a way to add more. */
export default function DataPage() {
  const { t } = useTranslation();
  const { current } = useCurrentWorkspace();
  const may = useMay(current?.name);
  const adds = may("load") || (!current && may("workspaces"));
  const upload = adds && <section aria-label={t("upload.section")}><UploadPanel /></section>;
  return (
    <DataPart part="tables" before={upload}>
      {(workspace) => (
        <>
          {may("model") && <Review workspace={workspace.name} />}
          <WorkspaceTables workspace={workspace} />
        </>
      )}
    </DataPart>
  );
}

function WorkspaceTables({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation();
  const model = useModel(workspace.name);
  return (
    <section aria-labelledby="tables" className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-3">
        <h2 id="tables" className="text-16 font-semibold">{t("data.tables")}</h2>
        <WorkspaceSwitch side="bottom" />
      </div>
      {model.isPending && <Skeleton lines={4} />}
      {model.error instanceof ApiError && <Failure error={model.error} onRetry={() => void model.refetch()} />}
      {model.data && <Tables workspace={workspace.name} updated={workspace.updated_at} info={model.data} />}
    </section>
  );
}

function Tables({ workspace, updated, info }: { workspace: string; updated: string | null; info: ModelInfo }) {
  const { t } = useTranslation();
  const may = useMay(workspace);
  const tables = Object.entries(info.model.tables);
  if (tables.length === 0) return <Empty title={t("data.empty")} />;
  return (
    <>
      <p className="text-13 text-subtle">
        {[
          info.data_from && info.data_through && t("data.period", { from: formatPeriod(info.data_from, "day"), through: formatPeriod(info.data_through, "day") }),
          updated && t("data.updated", { when: formatAgo(new Date(updated)) }),
        ].filter(Boolean).join(" · ")}
      </p>
      <div className="overflow-hidden rounded-card border border-line bg-surface">
        {tables.map(([name, table]) => <TableCard key={name} workspace={workspace} name={name} table={table} profile={info.profile.tables[name]} />)}
      </div>
      <p className="flex flex-wrap gap-x-6 gap-y-1 text-14">
        {may("model") && <Link to="/data/model" className="text-accent underline">{t("model.openFile")}</Link>}
        <Link to="/data/knowledge" className="text-accent underline">{t("packs.open")}</Link>
        <Link to="/data/review" className="text-accent underline">{t("review.open")}</Link>
        {may("policies") && <Link to="/admin/policies" className="text-accent underline">{t("people.policies.title")}</Link>}
      </p>
      <div className="mt-3"><JoinMap model={info.model} /></div>
      <div className="mt-3"><Metrics workspace={workspace} model={info.model} /></div>
    </>
  );
}
