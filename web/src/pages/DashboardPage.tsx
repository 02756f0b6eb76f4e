import { useQueryClient } from "@tanstack/react-query";
import { Calendar, Pencil, Printer, RotateCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { ActionMenu } from "@/components/ActionMenu";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { ChoiceMenu } from "@/components/Menu";
import { RenameField } from "@/components/RenameField";
import { Skeleton } from "@/components/Skeleton";
import { Card } from "@/features/dashboards/Card";
import { useDashboard, useDashboardChanges, useDeleteDashboard } from "@/lib/api/dashboards";
import { ApiError } from "@/lib/api/errors";
import type { Dashboard } from "@/lib/api/types";
import { usePageTitle } from "@/lib/title";

const MOST_TITLE = 120;
const AS_ASKED = "";
const PERIODS = ["this_month", "last_month", "this_year", "last_12_months", "all"] as const;

/** Kept answers on one page, each with today's figures. */
export default function DashboardPage() {
  const { dashboard = "" } = useParams();
  const query = useDashboard(dashboard);
  usePageTitle(query.data?.title ?? null);
  return (
    <main id="main" tabIndex={-1} className="relative min-h-0 grow overflow-y-auto outline-none print:overflow-visible">
      <div className="mx-auto flex max-w-6xl flex-col gap-5 px-4 pt-6 pb-12 sm:px-6 sm:pt-8">
        {query.isPending && <Skeleton lines={6} />}
        {query.error instanceof ApiError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && <Cards page={query.data} />}
      </div>
    </main>
  );
}

function Cards({ page }: { page: Dashboard }) {
  const { t } = useTranslation();
  const [period, setPeriod] = useState(AS_ASKED);
  const changes = useDashboardChanges(page.id);
  const failure = changes.rename.error ?? changes.change.error ?? changes.drop.error;
  return (
    <>
      <Head page={page} period={period} onPeriod={setPeriod} onRename={(title) => changes.rename.mutate(title)} />
      {failure instanceof ApiError && <Failure error={failure} />}
      {page.cards.length === 0 && (
        <Empty title={t("dashboards.empty")}>
          {t("dashboards.how")} <Link to="/" className="font-medium text-accent underline">{t("dashboards.ask")}</Link>
        </Empty>
      )}
      <div className="grid grid-flow-dense items-start gap-4 md:grid-cols-4">
        {page.cards.map((card, at) => <Card key={card.id} {...{ page, card, at, changes }} period={period || null} />)}
      </div>
    </>
  );
}

interface HeadProps {
  page: Dashboard;
  period: string;
  onPeriod: (period: string) => void;
  onRename: (title: string) => void;
}

function Head({ page, period, onPeriod, onRename }: HeadProps) {
  const { t } = useTranslation();
  const [renaming, setRenaming] = useState(false);
  const rename = (title: string) => {
    setRenaming(false);
    onRename(title);
  };
  return (
    <header className="flex flex-wrap items-center gap-x-2 gap-y-3">
      {renaming
        ? <RenameField label={t("dashboards.pageTitle")} value={page.title} most={MOST_TITLE} onRename={rename} onCancel={() => setRenaming(false)} />
        : <h1 className="min-w-0 grow text-24 font-semibold wrap-anywhere">{page.title}</h1>}
      <div className="flex items-center gap-1 print:hidden">
        <PeriodMenu period={period} onPeriod={onPeriod} />
        <Refresh id={page.id} />
        <PageMenu page={page} onRename={() => setRenaming(true)} />
      </div>
    </header>
  );
}

function PeriodMenu({ period, onPeriod }: Pick<HeadProps, "period" | "onPeriod">) {
  const { t } = useTranslation();
  const name = (value: string) => (value === AS_ASKED ? t("dashboards.asAsked") : t(`dashboards.period.${value as (typeof PERIODS)[number]}`));
  return (
    <ChoiceMenu
      label={t("dashboards.choosePeriod", { period: name(period) })}
      value={period}
      choices={[AS_ASKED, ...PERIODS].map((value) => ({ value, label: name(value) }))}
      onChoose={onPeriod}
      className="control inline-flex items-center gap-2 rounded-control border border-edge bg-surface px-3 text-14 hover:bg-raised"
    >
      <Calendar aria-hidden className="size-4 text-subtle" />
      {name(period)}
    </ChoiceMenu>
  );
}

function Refresh({ id }: { id: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return (
    <Button look="quiet" icon={<RotateCw aria-hidden className="size-4" />} onClick={() => void client.invalidateQueries({ queryKey: ["card", id] })}>
      <span className="max-sm:sr-only">{t("dashboards.refresh")}</span>
    </Button>
  );
}

function PageMenu({ page, onRename }: { page: Dashboard; onRename: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const deletion = useDeleteDashboard();
  const [asking, setAsking] = useState(false);
  if (asking) {
    return (
      <span className="flex gap-1">
        <Button autoFocus className="text-bad" disabled={deletion.isPending} onClick={() => deletion.mutate(page.id, { onSuccess: () => void navigate("/dashboards") })}>{t("dashboards.delete")}</Button>
        <Button look="quiet" onClick={() => setAsking(false)}>{t("action.cancel")}</Button>
      </span>
    );
  }
  return (
    <ActionMenu
      label={t("dashboards.pageMenu")}
      actions={[
        { name: t("action.rename"), icon: <Pencil aria-hidden className="size-4 text-subtle" />, onChoose: onRename },
        { name: t("dashboards.print"), icon: <Printer aria-hidden className="size-4 text-subtle" />, onChoose: () => print() },
        { name: t("dashboards.delete"), icon: <Trash2 aria-hidden className="size-4" />, danger: true, onChoose: () => setAsking(true) },
      ]}
    />
  );
}
