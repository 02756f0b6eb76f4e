import { useQueryClient } from "@tanstack/react-query";
import { Download, Link2, Maximize2, Pencil, Printer, RotateCw, Trash2, Users, X } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { type Action, ActionMenu } from "@/components/ActionMenu";
import { Button, IconButton } from "@/components/Button";
import { cx } from "@/components/cx";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { RenameField } from "@/components/RenameField";
import { Skeleton } from "@/components/Skeleton";
import type { Picture } from "@/features/charts/VegaView";
import { Card } from "@/features/dashboards/Card";
import { FilterBar } from "@/features/dashboards/FilterBar";
import { useView, type View } from "@/features/dashboards/view";
import type { Answer } from "@/gen/wire";
import { useDashboard, useDashboardChanges, useDeleteDashboard } from "@/lib/api/dashboards";
import { ApiError } from "@/lib/api/errors";
import type { Dashboard } from "@/lib/api/types";
import { saveXlsx } from "@/lib/exports";
import { usePageTitle } from "@/lib/title";

const MOST_TITLE = 120;

/** Kept answers on one page, each with today's figures. */
export default function DashboardPage() {
  const { t } = useTranslation();
  const { dashboard = "" } = useParams();
  const query = useDashboard(dashboard);
  const { place, presenting, present } = usePresenting();
  usePageTitle(query.data?.title ?? null);
  return (
    <main ref={place} id="main" tabIndex={-1} className={cx("min-h-0 grow overflow-y-auto outline-none print:overflow-visible", presenting ? "fixed inset-0 z-30 bg-canvas" : "relative")}>
      {presenting && <IconButton label={t("dashboards.endPresenting")} look="outline" className="fixed end-3 top-3 z-40 rounded-full opacity-40 hover:opacity-100 focus-visible:opacity-100" onClick={() => present(false)}><X aria-hidden className="size-4" /></IconButton>}
      <div className="mx-auto flex max-w-6xl flex-col gap-5 px-4 pt-6 pb-12 sm:px-6 sm:pt-8">
        {query.isPending && <Skeleton lines={6} />}
        {query.error instanceof ApiError && <><h1 className="sr-only">{t("nav.dashboards")}</h1><Failure error={query.error} onRetry={() => void query.refetch()} /></>}
        {query.data && <Cards page={query.data} onPresent={() => present(true)} />}
      </div>
    </main>
  );
}

/** The page alone on the whole screen; leaving the full screen in any way ends it. */
function usePresenting() {
  const place = useRef<HTMLElement>(null);
  const [presenting, setPresenting] = useState(false);
  useEffect(() => {
    if (!presenting) return;
    const ended = () => document.fullscreenElement === null && setPresenting(false);
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && setPresenting(false);
    document.addEventListener("fullscreenchange", ended);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("fullscreenchange", ended);
      document.removeEventListener("keydown", onKey);
    };
  }, [presenting]);
  const present = (wanted: boolean) => {
    setPresenting(wanted);
    // A browser that has no full screen still shows the page without its frame.
    if (wanted) void place.current?.requestFullscreen?.().catch(() => undefined);
    else if (document.fullscreenElement) void document.exitFullscreen();
  };
  return { place, presenting, present };
}

/** What the cards show now, gathered without drawing the page anew. */
function useShown() {
  const answers = useRef(new Map<string, Answer>());
  const pictures = useRef(new Map<string, Picture>());
  const onAnswer = useCallback((card: string, answer: Answer | undefined) => void (answer ? answers.current.set(card, answer) : answers.current.delete(card)), []);
  const onPicture = useCallback((card: string, picture: Picture | null) => void (picture ? pictures.current.set(card, picture) : pictures.current.delete(card)), []);
  return { answers: answers.current, pictures: pictures.current, onAnswer, onPicture };
}

function Cards({ page, onPresent }: { page: Dashboard; onPresent: () => void }) {
  const { t } = useTranslation();
  const [view, setView] = useView();
  const shown = useShown();
  const { onAnswer, onPicture } = shown;
  const savePng = async () => {
    const { savePoster } = await import("@/features/dashboards/poster");
    await savePoster(page.title, page.cards.map((card) => ({ title: card.title, answer: shown.answers.get(card.id), picture: shown.pictures.get(card.id) })));
  };
  const saveBook = () => {
    const tables = page.cards.flatMap((card) => {
      const result = shown.answers.get(card.id)?.result;
      return result ? [{ ...result, title: card.title }] : [];
    });
    if (tables.length > 0) void saveXlsx(page.title, tables);
  };
  const changes = useDashboardChanges(page.id);
  const failure = changes.rename.error ?? changes.share.error ?? changes.change.error ?? changes.drop.error;
  return (
    <>
      <Head page={page} view={view} onView={setView} changes={changes} taking={{ onPng: () => void savePng(), onXlsx: saveBook, onPresent }} />
      {failure instanceof ApiError && <Failure error={failure} />}
      {page.cards.length === 0 && (
        <Empty title={t("dashboards.empty")}>
          {t("dashboards.how")} <Link to="/" className="font-medium text-accent underline">{t("dashboards.ask")}</Link>
        </Empty>
      )}
      <div className="grid auto-rows-[4px] items-start gap-x-4 md:grid-cols-4 print:block print:columns-2 print:*:mb-4">
        {page.cards.map((card, at) => <Card key={card.id} {...{ page, card, at, changes, view, onAnswer, onPicture }} />)}
      </div>
    </>
  );
}

interface Taking {
  onPng: () => void;
  onXlsx: () => void;
  onPresent: () => void;
}

interface HeadProps {
  page: Dashboard;
  view: View;
  onView: (change: Partial<View>) => void;
  changes: ReturnType<typeof useDashboardChanges>;
  taking: Taking;
}

function Head({ page, view, onView, changes, taking }: HeadProps) {
  const { t } = useTranslation();
  const [renaming, setRenaming] = useState(false);
  const rename = (title: string) => {
    setRenaming(false);
    changes.rename.mutate(title);
  };
  const note = page.mine ? (page.shared ? t("dashboards.sharedByMe") : null) : t("dashboards.sharedByOther");
  return (
    <header className="flex flex-wrap items-center gap-x-2 gap-y-3">
      {renaming
        ? <RenameField label={t("dashboards.pageTitle")} value={page.title} most={MOST_TITLE} onRename={rename} onCancel={() => setRenaming(false)} />
        : (
          <div className="min-w-0 grow">
            <h1 className="text-24 font-semibold wrap-anywhere">{page.title}</h1>
            {note && <p className="text-13 text-subtle">{note}</p>}
          </div>
        )}
      <div className="flex flex-wrap items-center gap-1 print:hidden">
        <FilterBar workspace={page.workspace} view={view} onChange={onView} />
        <Refresh id={page.id} />
        <PageMenu page={page} taking={taking} onShare={(shared) => changes.share.mutate(shared)} onRename={() => setRenaming(true)} />
      </div>
    </header>
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

interface PageMenuProps {
  page: Dashboard;
  taking: Taking;
  onShare: (shared: boolean) => void;
  onRename: () => void;
}

const ICON = "size-4 shrink-0 text-subtle";

function PageMenu({ page, taking, onShare, onRename }: PageMenuProps) {
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
  const own: Action[] = [
    { name: t(page.shared ? "dashboards.unshare" : "dashboards.share"), icon: <Users aria-hidden className={ICON} />, onChoose: () => onShare(!page.shared) },
    { name: t("action.rename"), icon: <Pencil aria-hidden className={ICON} />, onChoose: onRename },
  ];
  const everyone: Action[] = [
    { name: t("dashboards.present"), icon: <Maximize2 aria-hidden className={ICON} />, onChoose: taking.onPresent },
    { name: t("dashboards.print"), icon: <Printer aria-hidden className={ICON} />, onChoose: () => print() },
    { name: t("export.png"), icon: <Download aria-hidden className={ICON} />, onChoose: taking.onPng },
    { name: t("export.xlsx"), icon: <Download aria-hidden className={ICON} />, onChoose: taking.onXlsx },
    ...(navigator.clipboard ? [{ name: t("dashboards.link"), icon: <Link2 aria-hidden className={ICON} />, onChoose: () => void navigator.clipboard.writeText(location.href) }] : []),
  ];
  const removal: Action = { name: t("dashboards.delete"), icon: <Trash2 aria-hidden className="size-4" />, danger: true, onChoose: () => setAsking(true) };
  return <ActionMenu label={t("dashboards.pageMenu")} actions={page.mine ? [...own, ...everyone, removal] : everyone} />;
}
