import type { TFunction } from "i18next";
import { BellOff, CalendarSearch, History, Pause, Pencil, Play, Send, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActionMenu } from "@/components/ActionMenu";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { useWorkspaceLabel } from "@/features/sources/workspace";
import { type Digest, useChangeDigest, useDeleteDigest, useSendDigest } from "@/lib/api/digests";
import { ApiError } from "@/lib/api/errors";
import { formatDay, formatTime } from "@/lib/format/misc";
import { DigestForm } from "./DigestForm";
import { DigestHistory } from "./DigestHistory";
import { RehearsalView } from "./RehearsalView";
import { timingWords } from "./words";

const ICON = "size-4 text-subtle";
const MUTE_DAYS = 7;
type Shown = "change" | "rehearsal" | "history" | "delete" | null;

/** One digest: when it comes and where it goes, what it said and would have said, and how to keep it quiet. */
export function DigestCard({ digest }: { digest: Digest }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState<Shown>(null);
  const workspace = useWorkspaceLabel(digest.workspace);
  const change = useChangeDigest();
  const send = useSendDigest();
  const gone = useDeleteDigest();
  const muted = digest.muted_until !== null && new Date(digest.muted_until) > new Date();
  const mute = (until: string | null) => change.mutate({ id: digest.id, muted_until: until });
  const toggle = (what: Shown) => setShown(shown === what ? null : what);
  const failed = [change.error, send.error, gone.error].find((error) => error instanceof ApiError);
  const inDays = () => new Date(Date.now() + MUTE_DAYS * 86_400_000).toISOString();
  const actions = [
    { name: t("tell.do.change"), icon: <Pencil aria-hidden className={ICON} />, onChoose: () => setShown("change") },
    { name: t("tell.do.send"), icon: <Send aria-hidden className={ICON} />, onChoose: () => send.mutate(digest.id) },
    { name: t("tell.history"), icon: <History aria-hidden className={ICON} />, onChoose: () => setShown("history") },
    { name: muted ? t("tell.do.unmute") : t("tell.do.mute"), icon: <BellOff aria-hidden className={ICON} />, onChoose: () => mute(muted ? null : inDays()) },
    digest.active
      ? { name: t("tell.do.off"), icon: <Pause aria-hidden className={ICON} />, onChoose: () => change.mutate({ id: digest.id, active: false }) }
      : { name: t("tell.do.on"), icon: <Play aria-hidden className={ICON} />, onChoose: () => change.mutate({ id: digest.id, active: true }) },
    { name: t("tell.do.delete"), icon: <Trash2 aria-hidden className="size-4" />, danger: true, onChoose: () => setShown("delete") },
  ];
  if (shown === "change") return <li><DigestForm digest={digest} workspace={digest.workspace} onDone={() => setShown(null)} /></li>;
  return (
    <li className="flex flex-col gap-3 rounded-card border border-line bg-surface p-4">
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <h2 className="text-16 font-semibold wrap-anywhere">{digest.name}</h2>
          <p className="text-14 text-muted wrap-anywhere">{timingWords(t, digest.timing)}</p>
          <p className="text-13 text-subtle wrap-anywhere">{[workspace, digest.channels.map((one) => t(`tell.channel.${one}`)).join(", "), stateOf(digest, muted, t)].join(" · ")}</p>
        </div>
        <ActionMenu label={t("history.menu", { title: digest.name })} actions={actions} />
      </div>
      <div>
        <Button aria-expanded={shown === "rehearsal"} icon={<CalendarSearch aria-hidden className="size-4" />} onClick={() => toggle("rehearsal")}>{t("tell.rehearse")}</Button>
      </div>
      <p role="status" className="text-13 text-muted empty:hidden">{send.isSuccess ? t("tell.sent") : null}</p>
      {failed instanceof ApiError && <Failure error={failed} />}
      {shown === "rehearsal" && <RehearsalView of={{ kind: "digests", id: digest.id }} zone={digest.timing.zone} workspace={digest.workspace} />}
      {shown === "history" && <DigestHistory digest={digest.id} />}
      {shown === "delete" && (
        <div className="flex flex-wrap items-center gap-2 text-14">
          <span className="grow">{t("tell.deleteWhat")}</span>
          <Button autoFocus className="text-bad" disabled={gone.isPending} onClick={() => gone.mutate(digest.id)}>{t("history.confirm")}</Button>
          <Button look="quiet" onClick={() => setShown(null)}>{t("action.cancel")}</Button>
        </div>
      )}
    </li>
  );
}

function stateOf(digest: Digest, muted: boolean, t: TFunction): string {
  if (!digest.active) return t("tell.state.off");
  if (muted && digest.muted_until) return t("tell.state.muted", { day: formatDay(new Date(digest.muted_until)) });
  if (!digest.next_at) return t("tell.state.off");
  const next = new Date(digest.next_at);
  return t("tell.state.next", { day: formatDay(next), at: formatTime(next) });
}
