import { describe, expect, it } from "vitest";
import type { AguiEvent } from "@/lib/agui/events";
import { reduce } from "@/lib/agui/reducer";
import { EMPTY_VIEW, isRunning, type RunView, textOf } from "@/lib/agui/view";

function run(...events: AguiEvent[]): RunView {
  return events.map((event, i) => ({ seq: i + 1, event })).reduce(reduce, EMPTY_VIEW);
}

const START: AguiEvent = { type: "RUN_STARTED", threadId: "t", runId: "r" };

describe("reduce", () => {
  it("joins text and ends answered", () => {
    const view = run(
      START,
      { type: "TEXT_MESSAGE_START", messageId: "m" },
      { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "Hello " },
      { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "there" },
      { type: "RUN_FINISHED", outcome: { type: "success" }, result: { answer_id: "a", status: "answered", confidence: 0.9 } },
    );
    expect(textOf(view)).toBe("Hello there");
    expect(view).toMatchObject({ phase: "done", answerId: "a", status: "answered", confidence: 0.9 });
  });

  it("changes nothing when events are seen twice", () => {
    const events = [START, { type: "STEP_STARTED", stepName: "x" }] as AguiEvent[];
    const view = run(...events);
    expect(reduce(view, { seq: 2, event: events[1]! })).toBe(view);
  });

  it("puts a tool under the step that is open, and its result even after the step closed", () => {
    const view = run(
      START,
      { type: "STEP_STARTED", stepName: "1. Query" },
      { type: "TOOL_CALL_START", toolCallId: "c", toolCallName: "query_metrics" },
      { type: "STEP_FINISHED", stepName: "1. Query" },
      { type: "TOOL_CALL_RESULT", toolCallId: "c", content: '{"rows":3,"ms":1.5}' },
    );
    expect(view.steps).toEqual([{ name: "1. Query", done: true, tools: [{ id: "c", name: "query_metrics", rows: 3, ms: 1.5 }] }]);
  });

  it("shows an interrupt as a question back", () => {
    const interrupt = { id: "i", message: "Which?", metadata: { options: [{ id: "net", label: "Net" }], allow_other: false } };
    const view = run(START, { type: "RUN_FINISHED", outcome: { type: "interrupt", interrupts: [interrupt] } });
    expect(view.status).toBe("clarify");
    expect(view.clarify).toEqual({ interruptId: "i", question: "Which?", choices: [{ value: "net", label: "Net", hint: null }], allowOther: false });
  });

  it("replaces a table that is sent again and drops superseded text", () => {
    const table = (title: string) => ({ type: "ACTIVITY_SNAPSHOT", messageId: "x", activityType: "analytics.table", content: { id: "t1", title } }) as unknown as AguiEvent;
    const view = run(
      START, table("old"), table("new"),
      { type: "TEXT_MESSAGE_START", messageId: "m" },
      { type: "CUSTOM", name: "analytics.superseded", value: { messageId: "m" } },
    );
    expect(view.tables.map((t) => t.title)).toEqual(["new"]);
    expect(view.messages).toEqual([]);
  });

  it("ends cancelled, failed and declined as such", () => {
    expect(run(START, { type: "RUN_FINISHED", outcome: { type: "cancelled" } }).phase).toBe("cancelled");
    const failed = run(START, { type: "RUN_ERROR", message: "Too long.", code: "limit_reached" });
    expect(failed.failure).toEqual({ code: "limit_reached", message: "Too long.", hint: null });
    expect(isRunning(failed)).toBe(false);
  });

  it("lets unknown events and activities pass", () => {
    const view = run(START, { type: "STATE_SNAPSHOT" } as unknown as AguiEvent, { type: "ACTIVITY_SNAPSHOT", messageId: "x", activityType: "other.kind", content: {} } as unknown as AguiEvent);
    expect(view.phase).toBe("streaming");
  });
});
