import { ShieldQuestion } from "lucide-react";
import { lazy, memo, Suspense, useContext, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorBoundary } from "@/app/ErrorBoundary";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { mayAskForAlert } from "@/features/alerts/maybe";
import { TableBlock } from "@/features/tables/TableBlock";
import type { Assumption, Option, ResultTable } from "@/gen/wire";
import { isRunning, type RunView, textOf } from "@/lib/agui/view";
import { AnswerActions } from "./AnswerActions";
import { AnswerText } from "./AnswerText";
import { AssumptionChips } from "./AssumptionChips";
import { Clarify, type Reply } from "./Clarify";
import { stripMarkdown } from "./plain";
import { QuestionHead } from "./QuestionHead";
import { QuestionList } from "./QuestionList";
import { ResultCard } from "./ResultCard";
import { SourceList } from "./SourceList";
import { PlanSteps, StepLine } from "./Steps";
import type { Turn } from "./threads";
import { TraceContext } from "./trace";
import { useFolded } from "./useFolded";

const AlertOffer = lazy(async () => ({ default: (await import("@/features/alerts/AlertOffer")).AlertOffer }));

export interface TurnActions {
  onAsk: (question: string) => void;
  onPatch: (turn: Turn, assumption: Assumption, option: Option) => void;
  onReply: (turn: Turn, reply: Reply) => void;
  onRetry: (turn: Turn, brain?: "builtin" | "llm") => void;
  /** Ask a wrongly answered question in better words. */
  onCorrect: (turn: Turn, question: string) => void;
  onShowEvidence: (runId: string, evidence: string | null) => void;
}

interface TurnViewProps {
  threadId: string;
  turn: Turn;
  isFirst: boolean;
  isLast: boolean;
  /** Far from the end of a conversation that has just been opened. */
  isOld: boolean;
  actions: TurnActions;
}

/** One question with everything its run has said so far. */
export const TurnView = memo(function TurnView({ threadId, turn, isFirst, isLast, isOld, actions }: TurnViewProps) {
  const { view } = turn;
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    const linked = location.hash.slice(1);
    if (linked ? linked === turn.runId : isLast) article.current?.scrollIntoView({ block: "start" });
  }, [isLast, turn.runId]);
  const { height, watch } = useFolded(article, !isLast && !isRunning(view), isOld);
  if (height !== null) return <article ref={article} id={turn.runId} style={{ height }} className="scroll-mt-4 overflow-hidden"><Words turn={turn} /></article>;
  return (
    <article ref={article} id={turn.runId} {...watch} aria-busy={isRunning(view)} className={`flex scroll-mt-4 flex-col gap-4 ${isLast && !isFirst ? "min-h-[calc(100dvh-8.25rem)]" : ""}`}>
      <QuestionHead ask={turn.ask} onAsk={isRunning(view) ? undefined : actions.onAsk} />
      {mayAskForAlert(turn.ask.question) && <Suspense><AlertOffer question={turn.ask.question} workspace={turn.ask.workspace ?? null} /></Suspense>}
      <AssumptionChips items={view.assumptions} disabled={isRunning(view) || !view.answerId} onChange={(assumption, option) => actions.onPatch(turn, assumption, option)} />
      <Answered runId={turn.runId} view={view} onShowEvidence={actions.onShowEvidence} onAsk={actions.onAsk} />
      <Outcome {...{ threadId, turn, isLast, actions }} />
    </article>
  );
});

/** What stays of an answer far away: its question and its text, which a search in the page still finds. */
function Words({ turn }: { turn: Turn }) {
  return (
    <>
      <h2 className="pb-4 text-18 font-semibold wrap-anywhere">{turn.ask.question}</h2>
      <p className="prose max-w-[70ch] wrap-anywhere whitespace-pre-line">{stripMarkdown(textOf(turn.view))}</p>
    </>
  );
}

interface AnsweredProps extends Pick<TurnActions, "onShowEvidence"> {
  runId: string;
  view: RunView;
  /** Absent where questions cannot be asked. */
  onAsk?: TurnActions["onAsk"];
}

/** What an answer says and shows, also while it is being made. */
export function Answered({ runId, view, onShowEvidence, onAsk }: AnsweredProps) {
  return (
    <>
      {view.messages.length > 0 && <ErrorBoundary><AnswerText runId={runId} text={textOf(view)} tables={view.tables} sources={view.sources} /></ErrorBoundary>}
      {view.warnings.map((warning) => <Banner key={warning.code + warning.message} tone="warn">{warning.message}</Banner>)}
      {isRunning(view) && <StepLine view={view} />}
      <PlanSteps view={view} running={isRunning(view)} />
      <Results runId={runId} view={view} onShowEvidence={onShowEvidence} onAsk={onAsk} />
      <SourceList runId={runId} sources={view.sources} />
    </>
  );
}

/** The main result and further tables as cards; derived and asked-for figures folded away until wanted. */
function Results({ runId, view, onShowEvidence, onAsk }: AnsweredProps) {
  const show = (evidence: string) => onShowEvidence(runId, evidence);
  const main = view.tables.find((table) => table.kind === "main");
  const isCard = (table: ResultTable) => table === main || (table.rows.length > 1 && (table.kind === "main" || table.kind === "detail"));
  const chartOf = (table: ResultTable) => view.charts.find((chart) => chart.table === table.id) ?? null;
  const folded = view.tables.filter((table) => !isCard(table));
  // The picture comes before the figures, also where it draws another table than the main one.
  const cards = view.tables.filter(isCard).sort((a, b) => Number(chartOf(b) !== null) - Number(chartOf(a) !== null));
  return (
    <>
      {cards.map((table) => (
        <ResultCard key={table.id} runId={runId} view={view} table={table} chart={chartOf(table)} onShowEvidence={show} onAsk={onAsk} />
      ))}
      {folded.length > 0 && <FoldedTables runId={runId} view={view} tables={folded} onShowEvidence={show} />}
    </>
  );
}

interface FoldedTablesProps {
  runId: string;
  view: RunView;
  tables: ResultTable[];
  onShowEvidence: (evidence: string) => void;
}

/** The receipts of figures that stand in the words only; following one of them opens the fold. */
function FoldedTables({ runId, view, tables, onShowEvidence }: FoldedTablesProps) {
  const { t } = useTranslation();
  const details = useRef<HTMLDetailsElement>(null);
  const { trace } = useContext(TraceContext);
  // A conversation has hundreds of these tables, and few are ever looked at: they are made when they are.
  const [wasOpened, setOpened] = useState(false);
  const isTraced = trace?.runId === runId && tables.some((table) => table.id === trace.table);
  useLayoutEffect(() => {
    if (isTraced && details.current) details.current.open = true;
  }, [isTraced]);
  return (
    <details ref={details} className="border-y border-line" onToggle={({ currentTarget }) => currentTarget.open && setOpened(true)}>
      <summary className="control rounded-control py-2 text-14 text-muted hover:text-text">{t("turn.derived")}</summary>
      {(wasOpened || isTraced) && tables.map((table) => (
        <section key={table.id} aria-label={table.title} className="pb-3">
          <h3 className="pb-1 text-13 text-subtle">{table.title}</h3>
          <TableBlock {...{ runId, view, table, onShowEvidence }} />
        </section>
      ))}
    </details>
  );
}

function Outcome({ threadId, turn, isLast, actions }: Omit<TurnViewProps, "isFirst" | "isOld">) {
  const { t } = useTranslation();
  const { view } = turn;
  if (isRunning(view)) return null;
  if (view.phase === "failed" && view.failure) return <Failure error={view.failure} onRetry={() => actions.onRetry(turn)} />;
  if (view.phase === "cancelled") return <Banner tone="info" action={<Button onClick={() => actions.onRetry(turn)}>{t("turn.again")}</Button>}>{t("turn.stopped")}</Banner>;
  if (view.declined) return <DeclinedReply view={view} onAsk={actions.onAsk} />;
  if (view.clarify && isLast) return <Clarify clarify={view.clarify} onReply={(reply) => actions.onReply(turn, reply)} />;
  if (view.clarify) return <p className="text-14 text-muted">{view.clarify.question}</p>;
  return (
    <>
      <AnswerActions threadId={threadId} turn={turn} actions={actions} />
      {isLast && <QuestionList title={t("turn.next")} items={view.suggestions} onAsk={actions.onAsk} />}
    </>
  );
}

function DeclinedReply({ view, onAsk }: { view: RunView; onAsk: (question: string) => void }) {
  const { t } = useTranslation();
  const { reason = "", nearest = [] } = view.declined ?? {};
  return (
    <div className="flex flex-col gap-4">
      <div className="flex gap-3 rounded-card border border-line bg-surface p-4">
        <ShieldQuestion aria-hidden className="mt-0.5 size-5 shrink-0 text-muted" />
        <div className="min-w-0">
          <p className="font-medium">{t("declined.title")}</p>
          <p className="text-14 text-muted wrap-anywhere">{reason}</p>
        </div>
      </div>
      <QuestionList title={t("declined.nearest")} items={nearest.map((question) => ({ question }))} onAsk={onAsk} />
    </div>
  );
}
