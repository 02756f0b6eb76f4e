import type { TFunction } from "i18next";
import { Pencil, Pin, Search, Trash2 } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ActionMenu } from "@/components/ActionMenu";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Page } from "@/components/Page";
import { RenameField } from "@/components/RenameField";
import { Skeleton } from "@/components/Skeleton";
import { threadStore } from "@/features/chat/threads";
import { groupByDay } from "@/features/history/days";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { ApiError } from "@/lib/api/errors";
import { useChangeThread, useDeleteThread, useThreads } from "@/lib/api/queries";
import type { ThreadSummary } from "@/lib/api/types";
import { formatDay, formatTime } from "@/lib/format/misc";

const MOST_TITLE = 200;
const ICON = "size-4 text-subtle";

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
  const pinned = threads.filter((thread) => thread.pinned);
  const days = groupByDay(threads.filter((thread) => !thread.pinned));
  return (
    <>
      {pinned.length > 0 && <Group name={t("history.pinned")} threads={pinned} />}
      {days.map(({ day, items }) => <Group key={day} name={dayName(day, t)} threads={items} />)}
    </>
  );
}

function Group({ name, threads }: { name: string; threads: ThreadSummary[] }) {
  return (
    <section aria-label={name}>
      <h2 className="mb-1 text-13 font-medium text-subtle">{name}</h2>
      <ul className="rounded-card border border-line bg-surface">
        {threads.map((thread) => <ThreadLine key={thread.id} thread={thread} />)}
      </ul>
    </section>
  );
}

function NoHistory() {
  const { t } = useTranslation();
  return <Empty title={t("history.empty")}><Link to="/" className="font-medium text-accent underline">{t("history.first")}</Link></Empty>;
}

function dayName(day: string, t: TFunction): string {
  const moment = new Date(`${day}T12:00:00`);
  const daysAgo = Math.round((new Date().setHours(12, 0, 0, 0) - moment.getTime()) / 86_400_000);
  if (daysAgo === 0) return t("history.today");
  return daysAgo === 1 ? t("history.yesterday") : formatDay(moment);
}

function ThreadLine({ thread }: { thread: ThreadSummary }) {
  const { t } = useTranslation();
  const [doing, setDoing] = useState<"delete" | "rename" | null>(null);
  const change = useChangeThread();
  const rename = (title: string) => {
    setDoing(null);
    change.mutate({ id: thread.id, title });
  };
  if (doing === "rename") {
    return (
      <li className="flex border-t border-line p-2 first:border-t-0">
        <RenameField label={t("history.name")} value={thread.title} most={MOST_TITLE} onRename={rename} onCancel={() => setDoing(null)} />
      </li>
    );
  }
  const actions = [
    { name: thread.pinned ? t("history.unpin") : t("history.pin"), icon: <Pin aria-hidden className={ICON} />, onChoose: () => change.mutate({ id: thread.id, pinned: !thread.pinned }) },
    { name: t("action.rename"), icon: <Pencil aria-hidden className={ICON} />, onChoose: () => setDoing("rename") },
    { name: t("history.delete"), icon: <Trash2 aria-hidden className="size-4" />, danger: true, onChoose: () => setDoing("delete") },
  ];
  return (
    <li className="flex items-center gap-1 border-t border-line pe-1 first:border-t-0">
      <ThreadLink thread={thread} />
      {doing === "delete" ? <ConfirmDelete thread={thread} onCancel={() => setDoing(null)} /> : <ActionMenu label={t("history.menu", { title: thread.title })} actions={actions} />}
    </li>
  );
}

function ThreadLink({ thread }: { thread: ThreadSummary }) {
  const { t } = useTranslation();
  const { workspaces } = useCurrentWorkspace();
  const workspace = workspaces.find((one) => one.name === thread.workspace);
  return (
    <Link to={`/t/${thread.id}`} className="min-w-0 grow rounded-control px-4 py-2.5 -outline-offset-2 hover:text-accent">
      <span className="block truncate text-14 font-medium">{thread.title}</span>
      <span className="block truncate text-13 text-subtle">
        {[formatTime(new Date(thread.updated_at)), workspace ? workspaceLabel(workspace) : thread.workspace, t("count.questions", { count: thread.turns })].join(" · ")}
      </span>
    </Link>
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
