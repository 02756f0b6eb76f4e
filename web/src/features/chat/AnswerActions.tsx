import { GitBranch, GitFork, Link2, MoreHorizontal, RotateCw, Share2, Sparkles } from "lucide-react";
import { lazy, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ActionMenu } from "@/components/ActionMenu";
import { Button } from "@/components/Button";
import { CopyButton } from "@/components/CopyButton";
import { KeepButton } from "@/features/dashboards/KeepButton";
import { FeedbackButtons } from "@/features/feedback/FeedbackButtons";
import { TeachNote } from "@/features/feedback/TeachNote";
import type { RunView } from "@/lib/agui/view";
import { branchThread } from "@/lib/api/answers";
import { useBrains } from "@/lib/api/system";
import { formatCount, formatMs } from "@/lib/format/misc";
import { plainText } from "./plain";
import type { Turn } from "./threads";
import type { TurnActions } from "./TurnView";

const ShareDialog = lazy(async () => ({ default: (await import("@/features/share/ShareDialog")).ShareDialog }));
/** Below this an answer says that it may have been misread. */
const UNSURE = 0.75;
const ICON = "size-4 shrink-0 text-subtle";

interface AnswerActionsProps {
  threadId: string;
  turn: Turn;
  actions: TurnActions;
}

/** What can be done with an answer, and what it took. */
export function AnswerActions({ threadId, turn, actions }: AnswerActionsProps) {
  const { t } = useTranslation();
  const { view, runId, ask } = turn;
  const facts = useMemo(() => receiptFacts(view), [view]);
  const rows = facts.rows === null ? null : t("count.rowsRead", { count: facts.rows, shown: formatCount(facts.rows) });
  const hasFigures = view.answerId !== null && view.evidence.length > 0;
  return (
    <div className="-ms-3 flex flex-wrap items-center gap-x-1 print:hidden">
      <Button look="quiet" icon={<GitBranch aria-hidden className="size-4" />} onClick={() => actions.onShowEvidence(runId, null)}>
        {t("evidence.title")}
      </Button>
      <CopyButton label={t("copy.answer")} text={() => plainText(ask.question, view)} />
      {view.answerId && hasFigures && <KeepButton answerId={view.answerId} workspace={ask.workspace} />}
      <MoreMenu threadId={threadId} turn={turn} actions={actions} />
      {view.answerId && hasFigures && <FeedbackButtons answerId={view.answerId} question={ask.question} initial={turn.verdict ?? null} onCorrect={(question) => actions.onCorrect(turn, question)} />}
      {view.confidence !== null && view.confidence < UNSURE && <span className="ms-3 text-13 text-warn">{t("turn.unsure")}</span>}
      <span className="ms-3 text-13 text-subtle">{[rows, facts.ms === null ? null : formatMs(facts.ms)].filter(Boolean).join(" · ")}</span>
      {ask.corrects && view.answerId && hasFigures && <Correction answerId={view.answerId} corrects={ask.corrects} />}
    </div>
  );
}

/** Below the answer to a corrected question: whether it is what the first question meant. */
function Correction({ answerId, corrects }: { answerId: string; corrects: string }) {
  const { t } = useTranslation();
  return (
    <div className="w-full">
      <p className="px-3 pt-2 text-13 text-muted">{t("feedback.corrects", { question: corrects })}</p>
      <TeachNote answerId={answerId} question={corrects} />
    </div>
  );
}

function MoreMenu({ threadId, turn, actions }: AnswerActionsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [sharing, setSharing] = useState(false);
  const [failed, setFailed] = useState(false);
  const other = useOtherBrain(turn.view);
  const branch = () => {
    branchThread(threadId, turn.runId).then((made) => void navigate(`/t/${made.id}`), () => setFailed(true));
  };
  const copyLink = () => void navigator.clipboard.writeText(new URL(`/t/${threadId}#${turn.runId}`, location.href).href);
  const list = [
    { name: t("turn.again"), icon: <RotateCw aria-hidden className={ICON} />, onChoose: () => actions.onRetry(turn) },
    ...(other ? [{ name: t(other === "llm" ? "turn.withModel" : "turn.withBuiltin"), icon: <Sparkles aria-hidden className={ICON} />, onChoose: () => actions.onRetry(turn, other) }] : []),
    { name: t("turn.branch"), icon: <GitFork aria-hidden className={ICON} />, onChoose: branch },
    ...(navigator.clipboard ? [{ name: t("turn.link"), icon: <Link2 aria-hidden className={ICON} />, onChoose: copyLink }] : []),
    { name: t("share.title"), icon: <Share2 aria-hidden className={ICON} />, onChoose: () => setSharing(true) },
  ];
  return (
    <>
      <ActionMenu label={t("turn.more")} actions={list} icon={<MoreHorizontal aria-hidden className="size-4" />} />
      {failed && <span role="alert" className="text-13 text-bad">{t("error.unknown")}</span>}
      {sharing && <Suspense><ShareDialog thread={threadId} onClose={() => setSharing(false)} /></Suspense>}
    </>
  );
}

/** The brain that did not answer this one, where there are two. */
function useOtherBrain(view: RunView): "llm" | "builtin" | null {
  const { data } = useBrains();
  if (view.receipt?.model) return "builtin";
  return data?.model ? "llm" : null;
}

function receiptFacts({ receipt }: RunView): { rows: number | null; ms: number | null } {
  const times = Object.entries(receipt?.ms ?? {});
  const total = receipt?.ms.total ?? times.reduce((sum, [, ms]) => sum + ms, 0);
  return { rows: receipt?.rows_scanned ?? null, ms: times.length > 0 ? total : null };
}
