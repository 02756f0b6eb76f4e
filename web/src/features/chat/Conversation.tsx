import { ArrowDown } from "lucide-react";
import { useCallback, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/Button";
import { EvidencePanel } from "@/features/evidence/EvidencePanel";
import { useEvidenceLocation } from "@/features/evidence/location";
import { WorkspaceSwitch } from "@/features/sources/WorkspaceSwitch";
import { isRunning } from "@/lib/agui/view";
import type { Reply } from "./Clarify";
import { LiveStatus } from "./LiveStatus";
import { PromptBar, type PromptHandle } from "./PromptBar";
import { type Thread, threadStore } from "./threads";
import { TraceContext, useTracing } from "./trace";
import { type TurnActions, TurnView } from "./TurnView";
import { useDistanceFromEnd } from "./useDistanceFromEnd";

/** So many answers are whole as soon as a conversation is opened. */
const RECENT = 12;

/** A thread with its turns, the prompt bar under them, and the evidence beside them. */
export default function Conversation({ thread }: { thread: Thread }) {
  const { t } = useTranslation();
  const tracing = useTracing();
  const prompt = useRef<PromptHandle>(null);
  const { scroller, content, isFar, jump } = useDistanceFromEnd();
  const { open, show, hide } = useEvidenceLocation();
  const actions = useTurnActions(thread.id, thread.workspace, show);
  const last = thread.turns.at(-1);
  const running = last !== undefined && isRunning(last.view);
  const shown = thread.turns.find((turn) => turn.runId === open?.runId);
  const stop = () => {
    if (!last) return;
    threadStore.stop(thread.id, last.runId);
    prompt.current?.offer(last.ask.question);
  };
  return (
    <TraceContext.Provider value={tracing}>
      <main id="main" tabIndex={-1} className="relative flex min-h-0 min-w-0 grow flex-col outline-none">
        <h1 className="sr-only">{thread.title ?? thread.turns[0]?.ask.question}</h1>
        <LiveStatus view={last?.view ?? null} />
        <div ref={scroller} className="relative min-h-0 grow overflow-y-auto [scrollbar-gutter:stable_both-edges]">
          <div ref={content} className="mx-auto flex max-w-3xl flex-col gap-12 px-4 pt-6 pb-8 sm:px-6">
            {thread.turns.map((turn, i) => (
              <TurnView key={turn.runId} threadId={thread.id} turn={turn} isFirst={i === 0} isLast={turn === last} isOld={i < thread.turns.length - RECENT} actions={actions} />
            ))}
          </div>
        </div>
        <div className="relative mx-auto w-full max-w-3xl px-4 pb-[max(1rem,env(safe-area-inset-bottom))] sm:px-6">
          {isFar && (
            <IconButton look="outline" label={t("turn.jump")} className="fade-in absolute -top-11 end-4 rounded-full sm:end-6" onClick={jump}>
              <ArrowDown aria-hidden className="size-4" />
            </IconButton>
          )}
          <PromptBar ref={prompt} compact running={running} workspace={thread.workspace} onAsk={actions.onAsk} onStop={stop} corner={<WorkspaceSwitch bound={thread.workspace} />} />
        </div>
      </main>
      {shown && <EvidencePanel key={shown.runId} view={shown.view} focused={open?.evidence ?? null} onClose={hide} />}
    </TraceContext.Provider>
  );
}

function useTurnActions(threadId: string, workspace: string | null, show: TurnActions["onShowEvidence"]): TurnActions {
  const latestShow = useRef(show);
  latestShow.current = show;
  const onShowEvidence = useCallback<TurnActions["onShowEvidence"]>((...where) => latestShow.current(...where), []);
  return useMemo(() => ({
    onShowEvidence,
    onAsk: (question) => threadStore.ask(threadId, { question, workspace }),
    onRetry: (turn, brain) => threadStore.ask(threadId, brain ? { question: turn.ask.question, workspace, brain } : turn.ask),
    onCorrect: (turn, question) => threadStore.ask(threadId, { question, workspace, corrects: turn.ask.question }),
    onPatch: (turn, assumption, option) => {
      const answerId = turn.view.answerId;
      if (!answerId) return;
      const change = `${assumption.label}: ${option.label}`;
      threadStore.ask(threadId, { question: turn.ask.question, workspace, change, patch: { answerId, patch: option.patch } });
    },
    onReply: (turn, reply) => {
      const interruptId = turn.view.clarify?.interruptId;
      const { question, payload, change } = answerTo(turn.ask.question, reply);
      threadStore.ask(threadId, { question, workspace, ...(change && { change }), ...(interruptId && { resume: { interruptId, payload } }) });
    },
  }), [threadId, workspace, onShowEvidence]);
}

/** A chosen option keeps the question it answers as the heading; typed words are a heading of their own. */
function answerTo(asked: string, reply: Reply): { question: string; payload: { choice: string } | { other: string }; change?: string } {
  if ("choice" in reply) return { question: asked, payload: { choice: reply.choice.value }, change: reply.choice.label };
  return { question: reply.other, payload: { other: reply.other } };
}
