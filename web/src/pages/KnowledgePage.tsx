import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Page } from "@/components/Page";
import { Knowledge } from "@/features/packs/Knowledge";
import { Packs } from "@/features/packs/Packs";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";

/** What Plainsay knows about the trade: packs, and documents that people added. */
export default function KnowledgePage() {
  const { t } = useTranslation();
  const { current } = useCurrentWorkspace();
  return (
    <Page title={t("packs.page")}>
      <p className="-mt-4 text-14 text-muted">
        {current && workspaceLabel(current)} · <Link to="/data" className="text-accent underline">{t("model.back")}</Link>
      </p>
      {current && <Packs key={`packs-${current.name}`} workspace={current.name} />}
      {current && <Knowledge key={current.name} workspace={current.name} />}
    </Page>
  );
}
