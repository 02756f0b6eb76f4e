import { Search, Trash2 } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Button, IconButton } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Page } from "@/components/Page";
import { Skeleton } from "@/components/Skeleton";
import { threadStore } from "@/features/chat/threads";
import { groupByDay } from "@/features/history/days";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { ApiError } from "@/lib/api/errors";
import { useDeleteThread, useThreads } from "@/lib/api/queries";
import type { ThreadSummary } from "@/lib/api/types";
import { formatDay, formatTime } from "@/lib/format/misc";

/** All conversations, newest first, by day. */
export default function HistoryPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const query = useThreads(useDeferredValue(search.trim()));
  return (
    <Page title={t("history.title")}>
      <SearchField value={search} onChange={setSearch} />
      {query.isPending && <Skeleton lines={5} />}
      {query.error instanceof ApiError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Days threads={query.data} searching={search.trim() !== ""} />}
    </Page>
  );
}

function SearchField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  return (
    <div role="search" className="relative">
      <Search aria-hidden className="absolute start-3 top-1/2 size-4 -translate-y-1/2 text-subtle" />
      <input
        type="search"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-label={t("history.search")}
        placeholder={t("history.search")}
        className="control w-full rounded-control border border-edge bg-surface ps-9 pe-3 text-16"
      />
    </div>
  );
}

function Days({ threads, searching }: { threads: ThreadSummary[]; searching: boolean }) {
  const { t } = useTranslation();
  if (threads.length === 0) return searching ? <Empty title={t("history.noMatch")} /> : <NoHistory />;
  return groupByDay(threads).map(({ day, items }) => (
    <section key={day} aria-label={dayName(day, t)}>
      <h2 className="mb-1 text-13 font-medium text-subtle">{dayName(day, t)}</h2>
      <ul className="rounded-card border border-line bg-surface">
        {items.map((thread) => <ThreadLine key={thread.id} thread={thread} />)}
      </ul>
    </section>
  ));
}

function NoHistory() {
  const { t } = useTranslation();
  return <Empty title={t("history.empty")}><Link to="/" className="font-medium text-accent underline">{t("history.first")}</Link></Empty>;
}

function dayName(day: string, t: ReturnType<typeof useTranslation>["t"]): string {
  const moment = new Date(`${day}T12:00:00`);
  const daysAgo = Math.round((new Date().setHours(12, 0, 0, 0) - moment.getTime()) / 86_400_000);
  if (daysAgo === 0) return t("history.today");
  return daysAgo === 1 ? t("history.yesterday") : formatDay(moment);
}

function ThreadLine({ thread }: { thread: ThreadSummary }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const { workspaces } = useCurrentWorkspace();
  const workspace = workspaces.find((one) => one.name === thread.workspace);
  return (
    <li className="flex items-center gap-1 border-t border-line pe-1 first:border-t-0">
      <Link to={`/t/${thread.id}`} className="min-w-0 grow rounded-control px-4 py-2.5 -outline-offset-2 hover:text-accent">
        <span className="block truncate text-14 font-medium">{thread.title}</span>
        <span className="block truncate text-13 text-subtle">
          {[formatTime(new Date(thread.updated_at)), workspace ? workspaceLabel(workspace) : thread.workspace, t("count.questions", { count: thread.turns })].join(" · ")}
        </span>
      </Link>
      {asking ? (
        <ConfirmDelete thread={thread} onCancel={() => setAsking(false)} />
      ) : (
        <IconButton label={t("history.delete", { title: thread.title })} onClick={() => setAsking(true)}>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      )}
    </li>
  );
}

function ConfirmDelete({ thread, onCancel }: { thread: ThreadSummary; onCancel: () => void }) {
  const { t } = useTranslation();
  const deletion = useDeleteThread();
  const confirm = () => deletion.mutate(thread.id, { onSuccess: () => threadStore.forget(thread.id) });
  return (
    <span className="flex shrink-0 gap-1">
      <Button autoFocus disabled={deletion.isPending} className="text-bad" onClick={confirm}>{t("history.confirm")}</Button>
      <Button look="quiet" onClick={onCancel}>{t("action.cancel")}</Button>
    </span>
  );
}
