import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Page } from "@/components/Page";

export default function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("notFound.title")}>
      <p className="text-muted">{t("notFound.text")} <Link to="/" className="font-medium text-accent underline">{t("notFound.home")}</Link></p>
    </Page>
  );
}
