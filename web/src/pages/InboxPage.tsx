import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { cx } from "@/components/cx";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { MessageView } from "@/features/digests/MessageView";
import { TellPage } from "@/features/digests/TellPage";
import { useAsk } from "@/features/digests/useAsk";
import { useWorkspaceLabel } from "@/features/sources/workspace";
import { type MessageHead, useInbox, useMarkRead, useMessage } from "@/lib/api/digests";
import { ApiError } from "@/lib/api/errors";
import { formatAgo } from "@/lib/format/misc";

/** What the reader was told unasked, newest first; the open message is in the address. */
export default function InboxPage() {
  const { t } = useTranslation();
  const { message = null } = useParams();
  const query = useInbox();
  const items = query.data?.items;
  return (
    <TellPage part="inbox">
      {query.isPending && <Skeleton lines={5} />}
      {query.error instanceof ApiError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {items?.length === 0 && (
        <Empty title={t("tell.nothing")}>
          <Link to="/digests" className="font-medium text-accent underline">{t("tell.begin")}</Link>
        </Empty>
      )}
      {items && items.length > 0 && (
        <ul className="rounded-card border border-line bg-surface">
          {items.map((item) => <Line key={item.id} item={item} open={item.id === message} />)}
        </ul>
      )}
    </TellPage>
  );
}

function Line({ item, open }: { item: MessageHead; open: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const workspace = useWorkspaceLabel(item.workspace);
  const unread = item.read_at === null;
  return (
    <li className="border-t border-line first:border-t-0">
      <button type="button" aria-expanded={open} onClick={() => void navigate(open ? "/inbox" : `/inbox/${item.id}`, { replace: open })} className="control flex w-full items-start gap-3 rounded-control px-4 py-3 text-start -outline-offset-2 hover:text-accent">
        <span aria-hidden className={cx("mt-1.5 size-2 shrink-0 rounded-full", unread ? "bg-accent" : "bg-transparent")} />
        <span className="min-w-0 grow">
          <span className={cx("block text-14 wrap-anywhere", unread && "font-semibold")}>
            {unread && <span className="sr-only">{t("tell.unread")} </span>}
            {item.headline}
          </span>
          <span className="block truncate text-13 text-subtle">{[item.name, workspace, formatAgo(new Date(item.created_at))].join(" · ")}</span>
        </span>
      </button>
      {open && <Opened item={item} />}
    </li>
  );
}

function Opened({ item }: { item: MessageHead }) {
  const { data, error } = useMessage(item.id);
  const read = useMarkRead();
  const ask = useAsk(item.workspace);
  const { mutate } = read;
  const unread = item.read_at === null;
  useEffect(() => {
    if (unread) mutate(item.id);
  }, [item.id, unread, mutate]);
  return (
    <div className="px-4 pb-4 ps-9">
      {!data && !error && <Skeleton lines={4} />}
      {error instanceof ApiError && <Failure error={error} />}
      {data && <MessageView headed body={data.body} onAsk={ask} />}
    </div>
  );
}
