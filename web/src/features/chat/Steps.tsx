import { Check, LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { RunView, StepView } from "@/lib/agui/view";
import { formatCount, formatMs } from "@/lib/format/misc";

/** What is going on right now, in one line. */
export function StepLine({ view }: { view: RunView }) {
  const { t } = useTranslation();
  const open = view.steps.findLast((step) => !step.done);
  const text = view.reconnecting ? t("run.reconnecting") : (view.progress ?? open?.name ?? t("run.thinking"));
  return (
    <p className="flex items-center gap-2 text-14 text-muted">
      <LoaderCircle aria-hidden className="size-4 animate-spin text-accent" />
      {text}
    </p>
  );
}

const REPORT_STEPS = 4;

/** The plan of a report: its steps with their progress while it is made, folded away once it is there. */
export function PlanSteps({ view, running }: { view: RunView; running: boolean }) {
  const { t } = useTranslation();
  if (view.steps.length < REPORT_STEPS) return null;
  const title = t("run.plan", { count: view.steps.length });
  if (running) return <section aria-label={title} className="rounded-card border border-line bg-surface p-4"><StepList steps={view.steps} /></section>;
  return (
    <details className="border-y border-line">
      <summary className="control rounded-control py-2 text-14 text-muted hover:text-text">{title}</summary>
      <div className="pb-3"><StepList steps={view.steps} /></div>
    </details>
  );
}

/** Every step with the tools it called. */
export function StepList({ steps }: { steps: StepView[] }) {
  return (
    <ol className="flex flex-col gap-3 text-14">
      {steps.map((step, i) => (
        <li key={`${step.name}-${i}`} className="flex gap-2">
          <StepIcon done={step.done} />
          <div className="min-w-0">
            <p>{step.name}</p>
            {step.tools.map((tool) => <ToolLine key={tool.id} {...tool} />)}
          </div>
        </li>
      ))}
    </ol>
  );
}

function StepIcon({ done }: { done: boolean }) {
  const Icon = done ? Check : LoaderCircle;
  return <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${done ? "text-ok" : "animate-spin text-accent"}`} />;
}

function ToolLine({ name, rows, ms }: StepView["tools"][number]) {
  const { t } = useTranslation();
  const facts = [rows === null ? null : t("count.rows", { count: rows, shown: formatCount(rows) }), ms === null ? null : formatMs(ms)];
  return (
    <p className="text-13 text-muted">
      <code className="font-mono">{name}</code> {facts.filter(Boolean).join(" · ")}
    </p>
  );
}
