import { ArrowDownRight, ArrowUpRight, CircleDot } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { ErrorBoundary } from "@/app/ErrorBoundary";
import { cx } from "@/components/cx";
import { QuestionList } from "@/features/chat/QuestionList";
import { ChartFigure } from "@/features/charts/ChartFigure";
import type { Finding, MessageBody, MessageChart } from "@/lib/api/digests";
import { chartTable } from "./chartTable";

const TONES: Record<Finding["tone"], string> = { good: "text-ok", bad: "text-bad", neutral: "text-subtle" };

interface MessageViewProps {
  body: MessageBody;
  /** The headline stands above already. */
  headed?: boolean;
  onAsk: (question: string) => void;
}

/** A message as it was or would be sent: the headline's findings, the chart, the figures, goals, and what to ask next. */
export function MessageView({ body, headed = false, onAsk }: MessageViewProps) {
  const { t } = useTranslation();
  const { items = [], figures = [], goals = [], questions = [], ahead, note, chart, quiet, headline } = body;
  return (
    <div className="flex flex-col gap-4 text-14">
      {!headed && (quiet || items.length === 0) && <p className="max-w-[70ch] wrap-anywhere">{headline}</p>}
      {items.length > 0 && <ul className="flex flex-col gap-3">{items.map((item) => <FindingLine key={item.identity} item={item} headed={headed && item.text === headline} />)}</ul>}
      {chart && <ErrorBoundary><Drawn chart={chart} /></ErrorBoundary>}
      {figures.length > 0 && (
        <dl className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {figures.map((figure) => (
            <div key={figure.label} className="min-w-0 rounded-control border border-line p-3">
              <dt className="text-13 text-muted wrap-anywhere">{figure.label}</dt>
              <dd className="text-18 font-semibold tabular-nums">{figure.value}</dd>
              {figure.change && <dd className="text-12 text-subtle">{t("tell.against", { change: figure.change, against: figure.against })}</dd>}
            </div>
          ))}
        </dl>
      )}
      {goals.length > 0 && <Lines title={t("tell.goals")} lines={goals} />}
      {ahead && <Lines title={t("tell.ahead")} lines={[ahead]} />}
      {note && <p className="text-13 text-warn wrap-anywhere">{note}</p>}
      <QuestionList title={t("turn.next")} items={questions.map((question) => ({ question }))} onAsk={onAsk} />
    </div>
  );
}

function FindingLine({ item, headed }: { item: Finding; headed: boolean }) {
  const Icon = item.direction === "up" ? ArrowUpRight : item.direction === "down" ? ArrowDownRight : CircleDot;
  if (headed && !item.why && !item.silence) return null;
  return (
    <li className="flex items-start gap-2">
      <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", TONES[item.tone])} />
      <span className="min-w-0 wrap-anywhere">
        {!headed && item.text}
        {item.why && <span className="block text-13 text-muted">{item.why}</span>}
        {item.silence && <span className="block text-13 text-subtle">{item.silence}</span>}
      </span>
    </li>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  return (
    <div>
      <p className="text-13 font-medium text-subtle">{title}</p>
      {lines.map((line) => <p key={line} className="max-w-[70ch] wrap-anywhere">{line}</p>)}
    </div>
  );
}

function Drawn({ chart: given }: { chart: MessageChart }) {
  const { chart, table } = useMemo(() => chartTable(given), [given]);
  return <ChartFigure chart={chart} table={table} />;
}
