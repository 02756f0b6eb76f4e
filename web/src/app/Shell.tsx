import { Bell, Database, History, LayoutDashboard, MessageCirclePlus, Settings } from "lucide-react";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { cx } from "@/components/cx";
import { Skeleton } from "@/components/Skeleton";
import { useInbox } from "@/lib/api/digests";
import { newestOfEach, useThreads } from "@/lib/api/queries";
import { formatDay, formatTime } from "@/lib/format/misc";
import { PeopleLinks } from "@/features/people/PeopleLinks";
import { useOnline, useSettled } from "@/lib/hooks";
import { useKeptSince } from "@/lib/kept";
import { update, useUpdateWaiting } from "@/lib/worker";
import { ErrorBoundary } from "./ErrorBoundary";

const PAGES = [
  { to: "/", name: "ask", Icon: MessageCirclePlus },
  { to: "/dashboards", name: "dashboards", Icon: LayoutDashboard },
  { to: "/history", name: "history", Icon: History },
  { to: "/data", name: "data", Icon: Database },
] as const;

/** The frame of every page: navigation at the side on wide screens, on top of small ones. */
export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  return (
    <div className="flex h-full flex-col bar:pb-[calc(3.5rem+env(safe-area-inset-bottom))] lg:flex-row print:pb-0">
      <a href="#main" className="sr-only z-50 rounded-control bg-surface px-3 py-2 focus:not-sr-only focus:fixed focus:start-2 focus:top-2">{t("nav.skip")}</a>
      <Header />
      <div className="flex min-h-0 min-w-0 grow flex-col">
        <OfflineNote />
        <div className="flex min-h-0 grow">
          <ErrorBoundary key={pathname}>
            <Suspense fallback={<main id="main" className="mx-auto w-full max-w-3xl p-6"><Skeleton lines={4} /></main>}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </div>
      </div>
    </div>
  );
}

function Header() {
  const { t } = useTranslation();
  return (
    <header className="flex shrink-0 items-center gap-1 border-b print:hidden border-line bg-surface px-2 max-[359px]:gap-0 max-[359px]:px-1 sm:px-4 lg:w-60 lg:flex-col lg:items-stretch lg:gap-4 lg:border-e lg:border-b-0 lg:p-3">
      <Link to="/" className="control flex shrink-0 items-center gap-2 rounded-control px-2 text-16 font-semibold max-[359px]:hidden bar:flex">
        <img src="/icon.svg" alt="" className="size-6" />
        <span className="max-[479px]:sr-only bar:not-sr-only">Plainsay</span>
      </Link>
      <nav aria-label={t("nav.pages")} className="ms-auto bar:fixed bar:inset-x-0 bar:bottom-0 bar:z-20 bar:border-t bar:border-line bar:bg-surface bar:pb-[env(safe-area-inset-bottom)] lg:ms-0">
        <ul className="flex bar:h-14 bar:*:flex-1 lg:flex-col lg:gap-0.5">
          {PAGES.map((page) => <li key={page.to}><PageLink {...page} /></li>)}
          <li><InboxLink /></li>
        </ul>
      </nav>
      <RecentThreads />
      <span aria-hidden className="hidden grow bar:block" />
      <PeopleLinks />
      <NavLink to="/settings" aria-label={t("nav.settings")} title={t("nav.settings")} className={({ isActive }) => cx("icon-control flex items-center justify-center gap-2 rounded-control px-2 text-14 lg:justify-start", isActive ? "bg-accent-soft font-medium text-accent" : "text-muted hover:bg-raised hover:text-text")}>
        <Settings aria-hidden className="size-4" />
        <span className="hidden lg:inline">{t("nav.settings")}</span>
      </NavLink>
    </header>
  );
}

function PageLink({ to, name, Icon }: (typeof PAGES)[number]) {
  const { t } = useTranslation();
  return (
    <NavLink
      to={to}
      end={to === "/"}
      className={({ isActive }) =>
        cx(LINK, isActive ? "bg-accent-soft font-medium text-accent" : "text-muted hover:bg-raised hover:text-text")
      }
    >
      <Icon aria-hidden className="size-4 shrink-0 bar:size-5" />
      <span className={LABEL}>{t(`nav.${name}`)}</span>
    </NavLink>
  );
}

/** A picture over a word in the bar of a phone; the picture alone where there is no room for words, as at 400 %. */
const LINK = "control my-1 flex items-center gap-2 rounded-control px-2 text-14 bar:my-0 bar:h-full bar:flex-col bar:justify-center bar:gap-0.5 bar:rounded-none bar:px-0 bar:text-13 bar:-outline-offset-2 lg:my-0";
const LABEL = "max-[479px]:sr-only bar:not-sr-only";

/** The way to what was told unasked, with how much of it is unread; without the word where there is little room. */
function InboxLink() {
  const { t } = useTranslation();
  const unread = useInbox(useSettled()).data?.unread ?? 0;
  const name = unread > 0 ? t("nav.unread", { count: unread }) : t("nav.inbox");
  const { pathname } = useLocation();
  const here = /^\/(inbox|digests|alerts)/.test(pathname);
  return (
    <NavLink to="/inbox" title={name} className={cx(LINK, "relative", here ? "bg-accent-soft font-medium text-accent" : "text-muted hover:bg-raised hover:text-text")}>
      <Bell aria-hidden className="size-4 shrink-0 bar:size-5" />
      <span className="sr-only">{name}</span>
      <span aria-hidden className="hidden bar:inline lg:inline">{t("nav.inbox")}</span>
      {unread > 0 && <span aria-hidden className="rounded-full bg-accent px-1.5 text-12 font-medium text-on-accent tabular-nums max-lg:absolute max-lg:end-0 max-lg:top-0.5 max-lg:px-1 max-lg:leading-4 bar:end-[calc(50%-1.5rem)] lg:ms-auto">{unread > 99 ? "99+" : unread}</span>}
    </NavLink>
  );
}

const RECENT = 14;

function RecentThreads() {
  const { t } = useTranslation();
  const { data = [] } = useThreads();
  return (
    <nav aria-label={t("nav.recent")} className="hidden min-h-0 grow flex-col overflow-y-auto lg:flex">
      {data.length > 0 && <p className="px-2 pb-1 text-12 font-medium text-subtle">{t("nav.recent")}</p>}
      <ul>
        {newestOfEach(data).slice(0, RECENT).map((thread) => (
          <li key={thread.id}>
            <NavLink
              to={`/t/${thread.id}`}
              title={thread.title}
              className={({ isActive }) => cx("block truncate rounded-control px-2 py-1.5 text-13 -outline-offset-2", isActive ? "bg-raised font-medium text-text" : "text-muted hover:bg-raised hover:text-text")}
            >
              {thread.title}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function OfflineNote() {
  const { t } = useTranslation();
  const since = useKeptSince();
  const updating = useUpdateWaiting();
  if (useOnline() && since === null) {
    if (!updating) return null;
    return <div className="p-2"><Banner tone="info" role="status" action={<Button onClick={update}>{t("update.now")}</Button>}>{t("update.ready")}</Banner></div>;
  }
  const text = since === null ? t("error.offlineNote") : t("error.offlineKept", { at: `${formatDay(since)}, ${formatTime(since)}` });
  return <div className="p-2"><Banner tone="warn" role="status">{text}</Banner></div>;
}
