// The AG-UI 1.0 events the page understands; others pass by unseen.
import type {
  Assumption, Caveat, Chart, Claim, Declined, EvidenceItem, Option, Receipt, ResultTable, Source, Suggestion,
} from "@/gen/wire";

export interface InterruptOption extends Partial<Option> {
  id?: string;
  label: string;
}

export interface Interrupt {
  id: string;
  message: string;
  metadata?: { options?: InterruptOption[]; allow_other?: boolean };
}

export interface RunResult {
  answer_id?: string;
  status?: "answered" | "clarify" | "declined";
  confidence?: number | null;
}

export type Outcome =
  | { type: "success" }
  | { type: "cancelled" }
  | { type: "interrupt"; interrupts: Interrupt[] };

export type Activity =
  | { activityType: "analytics.assumptions"; content: { items: Assumption[] } }
  | { activityType: "analytics.warnings"; content: { items: Caveat[] } }
  | { activityType: "analytics.table"; content: ResultTable }
  | { activityType: "analytics.chart"; content: Chart }
  | { activityType: "analytics.claims"; content: { items: Claim[] } }
  | { activityType: "analytics.evidence"; content: { items: EvidenceItem[] } }
  | { activityType: "analytics.sources"; content: { items: Source[] } }
  | { activityType: "analytics.suggestions"; content: { items: Suggestion[] } }
  | { activityType: "analytics.declined"; content: Declined }
  | { activityType: "analytics.receipt"; content: Receipt };

export type AguiEvent =
  | { type: "RUN_STARTED"; threadId: string; runId: string }
  | { type: "STEP_STARTED" | "STEP_FINISHED"; stepName: string }
  | { type: "TOOL_CALL_START"; toolCallId: string; toolCallName: string }
  | { type: "TOOL_CALL_RESULT"; toolCallId: string; content: string }
  | { type: "TEXT_MESSAGE_START" | "TEXT_MESSAGE_END"; messageId: string }
  | { type: "TEXT_MESSAGE_CONTENT"; messageId: string; delta: string }
  | ({ type: "ACTIVITY_SNAPSHOT"; messageId: string } & Activity)
  | { type: "CUSTOM"; name: string; value: unknown }
  | { type: "RUN_FINISHED"; outcome?: Outcome; result?: RunResult }
  | { type: "RUN_ERROR"; message: string; code?: string };

export interface SeqEvent {
  seq: number;
  event: AguiEvent;
}

/** Whether nothing may follow this event. */
export function isTerminal(event: AguiEvent): boolean {
  return event.type === "RUN_FINISHED" || event.type === "RUN_ERROR";
}
