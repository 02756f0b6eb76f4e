// Turns the events of a run into its view: a pure function, so that a replay gives the same page.
import type { Activity, AguiEvent, Interrupt, SeqEvent } from "./events";
import type { ClarifyView, RunView, StepView, ToolView } from "./view";

/** The view after one event. Events already seen (after a reconnect) change nothing. */
export function reduce(view: RunView, { seq, event }: SeqEvent): RunView {
  if (seq <= view.lastSeq) return view;
  return { ...applyEvent(view, event), lastSeq: seq, reconnecting: false };
}

function applyEvent(view: RunView, event: AguiEvent): RunView {
  switch (event.type) {
    case "RUN_STARTED":
      return { ...view, phase: "streaming" };
    case "STEP_STARTED":
      return { ...view, steps: [...view.steps, { name: event.stepName, done: false, tools: [] }] };
    case "STEP_FINISHED":
      return { ...view, steps: finishStep(view.steps, event.stepName) };
    case "TOOL_CALL_START":
      return { ...view, steps: addTool(view.steps, event.toolCallId, event.toolCallName) };
    case "TOOL_CALL_RESULT":
      return { ...view, steps: finishTool(view.steps, event.toolCallId, event.content) };
    case "TEXT_MESSAGE_START":
      return { ...view, messages: [...view.messages, { id: event.messageId, text: "" }] };
    case "TEXT_MESSAGE_CONTENT":
      return { ...view, messages: appendText(view.messages, event.messageId, event.delta) };
    case "ACTIVITY_SNAPSHOT":
      return { ...view, ...applyActivity(view, event) };
    case "CUSTOM":
      return applyCustom(view, event.name, event.value);
    case "RUN_FINISHED":
      return finishRun(view, event);
    case "RUN_ERROR":
      return { ...view, phase: "failed", failure: { code: event.code ?? "error", message: event.message, hint: null } };
    default:
      return view;
  }
}

function applyActivity(view: RunView, activity: Activity): Partial<RunView> {
  switch (activity.activityType) {
    case "analytics.table":
      return { tables: upsert(view.tables, activity.content) };
    case "analytics.chart":
      return { charts: upsert(view.charts, activity.content) };
    case "analytics.assumptions":
      return { assumptions: activity.content.items };
    case "analytics.warnings":
      return { warnings: activity.content.items };
    case "analytics.claims":
      return { claims: activity.content.items };
    case "analytics.evidence":
      return { evidence: activity.content.items };
    case "analytics.sources":
      return { sources: activity.content.items };
    case "analytics.suggestions":
      return { suggestions: activity.content.items };
    case "analytics.declined":
      return { declined: activity.content, status: "declined" };
    case "analytics.receipt":
      return { receipt: activity.content };
    default:
      return {};
  }
}

function upsert<T extends { id: string }>(items: T[], item: T): T[] {
  const known = items.some((existing) => existing.id === item.id);
  return known ? items.map((existing) => (existing.id === item.id ? item : existing)) : [...items, item];
}

function appendText(messages: RunView["messages"], id: string, delta: string): RunView["messages"] {
  return messages.map((message) => (message.id === id ? { id, text: message.text + delta } : message));
}

function finishStep(steps: StepView[], name: string): StepView[] {
  return steps.map((step) => (step.name === name && !step.done ? { ...step, done: true } : step));
}

function addTool(steps: StepView[], id: string, name: string): StepView[] {
  const tool: ToolView = { id, name, rows: null, ms: null };
  const last = steps.findLastIndex((step) => !step.done);
  if (last < 0) return [...steps, { name, done: true, tools: [tool] }];
  return steps.map((step, index) => (index === last ? { ...step, tools: [...step.tools, tool] } : step));
}

function finishTool(steps: StepView[], id: string, content: string): StepView[] {
  const { rows, ms } = toolResult(content);
  return steps.map((step) => ({
    ...step,
    tools: step.tools.map((tool) => (tool.id === id ? { ...tool, rows, ms } : tool)),
  }));
}

function toolResult(content: string): Pick<ToolView, "rows" | "ms"> {
  try {
    const parsed = JSON.parse(content) as { rows?: unknown; ms?: unknown };
    return { rows: numberOrNull(parsed.rows), ms: numberOrNull(parsed.ms) };
  } catch {
    return { rows: null, ms: null };
  }
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function applyCustom(view: RunView, name: string, value: unknown): RunView {
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  if (name === "analytics.progress" && typeof fields.text === "string") return { ...view, progress: fields.text };
  if (name === "analytics.superseded") {
    return { ...view, messages: view.messages.filter((message) => message.id !== fields.messageId) };
  }
  return view;
}

function finishRun(view: RunView, event: Extract<AguiEvent, { type: "RUN_FINISHED" }>): RunView {
  const { outcome, result } = event;
  const ended: RunView = {
    ...view,
    phase: outcome?.type === "cancelled" ? "cancelled" : "done",
    progress: null,
    steps: view.steps.map((step) => ({ ...step, done: true })),
    answerId: result?.answer_id ?? view.answerId,
    status: result?.status ?? view.status,
    confidence: result?.confidence ?? null,
  };
  const interrupt = outcome?.type === "interrupt" ? outcome.interrupts[0] : undefined;
  return interrupt ? { ...ended, status: "clarify", clarify: clarifyOf(interrupt) } : ended;
}

function clarifyOf(interrupt: Interrupt): ClarifyView {
  const { options = [], allow_other = true } = interrupt.metadata ?? {};
  return {
    interruptId: interrupt.id,
    question: interrupt.message,
    choices: options.map((o) => ({ value: o.id ?? o.value ?? o.label, label: o.label, hint: o.hint ?? null })),
    allowOther: allow_other,
  };
}
