import { MessageSquareText } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { Failure } from "@/components/Failure";
import { useCurrentWorkspace } from "@/features/sources/workspace";
import { WorkspaceSwitch } from "@/features/sources/WorkspaceSwitch";
import { ApiError } from "@/lib/api/errors";
import { newestOfEach, useThreads } from "@/lib/api/queries";
import type { Workspace } from "@/lib/api/types";
import { formatAgo } from "@/lib/format/misc";
import { useSettled } from "@/lib/hooks";
import { newId } from "@/lib/id";
import { PromptBar } from "./PromptBar";
import { threadStore } from "./threads";

const News = lazy(() => import("@/features/home/News"));
const FirstData = lazy(() => import("@/features/home/FirstData"));
const RECENT = 4;

/** The first page: ask, start from a good question, or go on where you were. */
export function Home() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  // A link may bring a question along; it is asked when its reader says so.
  const linked = useSearchParams()[0];
  const asked = linked.get("q");
  const { query, workspaces, current: usual } = useCurrentWorkspace();
  // A link of a mail names the workspace that its question is about.
  const current = workspaces.find(({ name }) => name === linked.get("workspace")) ?? usual;
  const ask = (question: string) => {
    const thread = newId();
    threadStore.ask(thread, { question, workspace: current?.name ?? null });
    void navigate(`/t/${thread}`);
  };
  return (
    <main id="main" tabIndex={-1} className="relative min-h-0 grow overflow-y-auto outline-none">
      <div className="mx-auto flex max-w-3xl flex-col gap-8 px-4 pt-[max(2rem,12dvh)] pb-12 sm:px-6">
        <h1 className="text-24 font-semibold text-balance">{t("home.title")}</h1>
        <div className="-mt-3"><PromptBar running={false} autoFocus workspace={current?.name ?? null} initial={asked ?? ""} onAsk={ask} onStop={() => {}} corner={<WorkspaceSwitch side="bottom" />} /></div>
        {query.error instanceof ApiError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && (current === null || current.tables === 0) && <NoData />}
        {query.isPending && <StartersToCome />}
        {current && <Starters workspace={current} onAsk={ask} />}
        {current && current.tables > 0 && <NewsOnceSettled key={current.name} workspace={current.name} onAsk={ask} />}
        {!query.isPending && <JumpBackIn />}
      </div>
    </main>
  );
}

function NoData() {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="first" className="flex flex-col gap-3">
      <h2 id="first" className="text-16 font-semibold">{t("home.noData")}</h2>
      <Suspense fallback={<div aria-hidden className="h-72" />}><FirstData /></Suspense>
    </section>
  );
}

function Starters({ workspace, onAsk }: { workspace: Workspace; onAsk: (question: string) => void }) {
  const { t } = useTranslation();
  if (workspace.starters.length === 0) return null;
  return (
    <section aria-labelledby="starters">
      <h2 id="starters" className="mb-2 text-13 font-medium text-subtle">{t("home.starters")}</h2>
      <ul className="grid gap-2 sm:grid-cols-2">
        {workspace.starters.slice(0, MOST_STARTERS).map((question) => (
          <li key={question}>
            <button type="button" onClick={() => onAsk(question)} className="control h-full min-h-17 w-full rounded-card border border-line bg-surface px-4 py-3 text-start text-14 transition-colors wrap-anywhere hover:border-accent hover:bg-accent-soft">
              {question}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const MOST_STARTERS = 6;

/** As much room as the questions will take, so that nothing moves when they come. */
function StartersToCome() {
  return (
    <div aria-hidden className="grid gap-2 pt-7 sm:grid-cols-2">
      {Array.from({ length: MOST_STARTERS }, (_, i) => <div key={i} className="h-17 rounded-card bg-raised" />)}
    </div>
  );
}

/** News come when nothing else is left to do: they must never slow the question. Their room is kept for them. */
function NewsOnceSettled(props: { workspace: string; onAsk: (question: string) => void }) {
  const room = <NewsToCome />;
  return useSettled() ? <Suspense fallback={room}><News {...props} /></Suspense> : room;
}

function NewsToCome() {
  return (
    <div aria-hidden className="flex flex-col gap-2 pt-7">
      {Array.from({ length: 3 }, (_, i) => <div key={i} className="h-13 animate-pulse rounded-control bg-raised" />)}
    </div>
  );
}

function JumpBackIn() {
  const { t } = useTranslation();
  const { data = [] } = useThreads();
  if (data.length === 0) return null;
  return (
    <section aria-labelledby="recent">
      <h2 id="recent" className="mb-1 text-13 font-medium text-subtle">{t("home.recent")}</h2>
      <ul>
        {newestOfEach(data).slice(0, RECENT).map((thread) => (
          <li key={thread.id} className="border-t border-line first:border-t-0">
            <Link to={`/t/${thread.id}`} className="control flex items-center gap-3 rounded-control py-2 text-14 hover:text-accent">
              <MessageSquareText aria-hidden className="size-4 shrink-0 text-subtle" />
              <span className="min-w-0 grow truncate">{thread.title}</span>
              <span className="shrink-0 text-13 text-subtle">{formatAgo(new Date(thread.updated_at))}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
