import { Pin } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ActionMenu } from "@/components/ActionMenu";
import { workspaceLabel, useCurrentWorkspace } from "@/features/sources/workspace";
import { useDashboards, useKeepAnswer } from "@/lib/api/dashboards";

interface KeepButtonProps {
  answerId: string;
  workspace: string | null;
}

/** Puts an answer on a dashboard, where it is worked out anew each time it is looked at. */
export function KeepButton({ answerId, workspace }: KeepButtonProps) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const { workspaces, current } = useCurrentWorkspace();
  const own = workspaces.find((one) => one.name === workspace) ?? current;
  const { data: dashboards = [] } = useDashboards(own?.name ?? null, opened);
  const keep = useKeepAnswer();
  const title = own ? workspaceLabel(own) : t("dashboards.untitled");
  const onto = (dashboard: string | null) => keep.mutate({ answer: answerId, dashboard, title, workspace: own?.name ?? null });
  const actions = [
    ...dashboards.map(({ id, title: name }) => ({ name, onChoose: () => onto(id) })),
    { name: t("dashboards.onNew"), onChoose: () => onto(null) },
  ];
  return (
    <>
      <ActionMenu
        label={t("dashboards.keep")}
        actions={actions}
        onOpen={() => setOpened(true)}
        className="control inline-flex shrink-0 items-center justify-center gap-2 rounded-control px-3 text-14 font-medium whitespace-nowrap text-muted transition-colors hover:bg-raised hover:text-text"
      >
        <Pin aria-hidden className="size-4" />
        {t("dashboards.keep")}
      </ActionMenu>
      <span role="status" className="text-13 text-muted">
        {keep.data && <Link to={`/dashboards/${keep.data.id}`} className="text-accent underline">{t("dashboards.kept", { title: keep.data.title })}</Link>}
        {keep.error && <span className="text-bad">{keep.error.message}</span>}
      </span>
    </>
  );
}
