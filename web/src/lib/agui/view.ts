// What the page shows of one run, whether it streams in or comes from history.
import type {
  Answer, Assumption, Caveat, Chart, Claim, Declined, EvidenceItem, Receipt, ResultTable, Source, Suggestion,
} from "@/gen/wire";

export type Phase = "waiting" | "streaming" | "done" | "cancelled" | "failed";

export interface ToolView {
  id: string;
  name: string;
  rows: number | null;
  ms: number | null;
}

export interface StepView {
  name: string;
  done: boolean;
  tools: ToolView[];
}

export interface Choice {
  value: string;
  label: string;
  hint: string | null;
}

export interface ClarifyView {
  /** Null when the run's log has expired: the choice is then asked as a new question. */
  interruptId: string | null;
  question: string;
  choices: Choice[];
  allowOther: boolean;
}

export interface Failure {
  code: string;
  message: string;
  hint: string | null;
}

export interface RunView {
  phase: Phase;
  status: Answer["status"] | null;
  answerId: string | null;
  confidence: number | null;
  messages: { id: string; text: string }[];
  assumptions: Assumption[];
  warnings: Caveat[];
  tables: ResultTable[];
  charts: Chart[];
  claims: Claim[];
  evidence: EvidenceItem[];
  sources: Source[];
  suggestions: Suggestion[];
  declined: Declined | null;
  clarify: ClarifyView | null;
  receipt: Receipt | null;
  steps: StepView[];
  progress: string | null;
  failure: Failure | null;
  lastSeq: number;
  reconnecting: boolean;
}

export const EMPTY_VIEW: RunView = {
  phase: "waiting",
  status: null,
  answerId: null,
  confidence: null,
  messages: [],
  assumptions: [],
  warnings: [],
  tables: [],
  charts: [],
  claims: [],
  evidence: [],
  sources: [],
  suggestions: [],
  declined: null,
  clarify: null,
  receipt: null,
  steps: [],
  progress: null,
  failure: null,
  lastSeq: 0,
  reconnecting: false,
};

export function isRunning(view: RunView): boolean {
  return view.phase === "waiting" || view.phase === "streaming";
}

/** The text of all messages that still stand, as markdown. */
export function textOf(view: RunView): string {
  return view.messages.map((message) => message.text).join("\n\n");
}

/** The view of an answer read from history. */
export function viewOfAnswer(answer: Answer): RunView {
  return {
    ...EMPTY_VIEW,
    phase: "done",
    status: answer.status,
    answerId: answer.id,
    confidence: answer.confidence ?? null,
    messages: answer.text ? [{ id: answer.id, text: answer.text }] : [],
    assumptions: answer.assumptions ?? [],
    warnings: answer.warnings ?? [],
    tables: [...(answer.result ? [answer.result] : []), ...(answer.tables ?? [])],
    charts: answer.charts ?? [],
    claims: answer.claims ?? [],
    evidence: answer.evidence ?? [],
    sources: answer.sources ?? [],
    suggestions: answer.suggestions ?? [],
    declined: answer.declined ?? null,
    clarify: answer.clarification && {
      interruptId: null,
      question: answer.clarification.question,
      choices: answer.clarification.options.map((o) => ({ value: o.value, label: o.label, hint: o.hint ?? null })),
      allowOther: answer.clarification.allow_other,
    },
    receipt: answer.receipt ?? null,
  };
}
