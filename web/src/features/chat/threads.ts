// The conversations open in this page. Runs live here, not in components, so that they go on while the reader browses.
import { ApiError } from "@/lib/api/errors";
import { getJson } from "@/lib/api/http";
import type { Verdict } from "@/lib/api/answers";
import type { StoredThread, StoredTurn } from "@/lib/api/types";
import type { SeqEvent } from "@/lib/agui/events";
import { reduce } from "@/lib/agui/reducer";
import { cancelRun, type RunInput, RunSession } from "@/lib/agui/session";
import { EMPTY_VIEW, isRunning, type RunView, viewOfAnswer } from "@/lib/agui/view";
import { displayLocale, timeZone } from "@/lib/format/locale";
import { newId } from "@/lib/id";

export interface Turn {
  runId: string;
  ask: Ask;
  view: RunView;
  /** What the reader said about the answer before. */
  verdict?: Verdict | null;
}

export interface Thread {
  id: string;
  workspace: string | null;
  title: string | null;
  state: "new" | "loading" | "ready" | "failed";
  error: ApiError | null;
  turns: Turn[];
}

export interface Ask {
  question: string;
  workspace: string | null;
  /** What a re-run changes, in words ("Metric: Gross revenue"). */
  change?: string;
  patch?: { answerId: string; patch: Record<string, unknown> };
  /** Who shall answer; the server chooses when nothing is said. */
  brain?: "builtin" | "llm";
  /** A question that was answered wrongly and is asked in better words now. */
  corrects?: string;
  resume?: { interruptId: string; payload: { choice: string } | { other: string } };
}

const BLANK: Omit<Thread, "id"> = { workspace: null, title: null, state: "new", error: null, turns: [] };

export class ThreadStore {
  private readonly threads = new Map<string, Thread>();
  private readonly sessions = new Map<string, RunSession>();
  private readonly listeners = new Set<() => void>();

  /** Called after each run that ends, so that lists of threads can refresh. */
  onRunEnd: (threadId: string) => void = () => {};

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get = (id: string): Thread => {
    const known = this.threads.get(id);
    if (known) return known;
    const blank = { ...BLANK, id };
    this.threads.set(id, blank);
    return blank;
  };

  /** Start a run on a thread and follow it; returns at once. */
  ask(threadId: string, ask: Ask): void {
    const runId = newId();
    const thread = this.get(threadId);
    const input = runInput(threadId, runId, ask, thread.turns.at(-1)?.view.clarify?.interruptId ?? null);
    const turns = [...thread.turns, { runId, ask, view: EMPTY_VIEW }];
    this.put({ ...thread, workspace: thread.workspace ?? ask.workspace, state: "ready", turns });
    this.follow(threadId, runId, input);
  }

  /** Ask the server to stop a run. The view changes when the run itself says so. */
  stop(threadId: string, runId: string): void {
    cancelRun(runId).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 404) this.end(threadId, runId, { phase: "cancelled" });
    });
  }

  /** Read a thread from the server, once; runs that still go on are followed. */
  async load(id: string): Promise<void> {
    if (["loading", "ready"].includes(this.get(id).state)) return;
    this.put({ ...this.get(id), state: "loading", error: null });
    try {
      const stored = await getJson<StoredThread>(`/v1/threads/${encodeURIComponent(id)}`);
      const turns = stored.turns.map((turn) => turnOf(turn, stored.workspace));
      this.put({ ...this.get(id), workspace: stored.workspace, title: stored.title, state: "ready", turns });
      for (const turn of stored.turns.filter((one) => mustFollow(one, one === stored.turns.at(-1)))) this.follow(id, turn.run_id, null);
    } catch (error) {
      const problem = error instanceof ApiError ? error : new ApiError(0, "page", "");
      this.put({ ...this.get(id), state: "failed", error: problem });
    }
  }

  /** Forget a deleted thread. */
  forget(id: string): void {
    this.get(id).turns.forEach((turn) => this.sessions.get(turn.runId)?.close());
    this.threads.delete(id);
    this.notify();
  }

  private follow(threadId: string, runId: string, input: RunInput | null): void {
    const session = new RunSession(runId, input, {
      onEvents: (events) => this.apply(threadId, runId, events),
      onReconnecting: () => this.change(threadId, runId, (view) => ({ ...view, reconnecting: true })),
      onFailure: (error) => this.fail(threadId, runId, error),
    });
    this.sessions.set(runId, session);
    void session.follow();
  }

  private apply(threadId: string, runId: string, events: SeqEvent[]): void {
    this.change(threadId, runId, (view) => events.reduce(reduce, view));
    const view = this.viewOf(threadId, runId);
    if (view && !isRunning(view)) this.finish(threadId, runId);
  }

  private fail(threadId: string, runId: string, error: ApiError): void {
    const view = this.viewOf(threadId, runId);
    if (view && !isRunning(view)) return this.finish(threadId, runId);
    const failure = { code: error.code, message: error.message, hint: error.hint };
    this.end(threadId, runId, { phase: "failed", failure });
  }

  private end(threadId: string, runId: string, outcome: Partial<RunView>): void {
    this.change(threadId, runId, (view) => ({ ...view, ...outcome, reconnecting: false, progress: null }));
    this.sessions.get(runId)?.close();
    this.finish(threadId, runId);
  }

  private finish(threadId: string, runId: string): void {
    this.sessions.delete(runId);
    this.onRunEnd(threadId);
  }

  private viewOf(threadId: string, runId: string): RunView | undefined {
    return this.threads.get(threadId)?.turns.find((turn) => turn.runId === runId)?.view;
  }

  private change(threadId: string, runId: string, update: (view: RunView) => RunView): void {
    const thread = this.threads.get(threadId);
    if (!thread) return;
    const turns = thread.turns.map((turn) => (turn.runId === runId ? { ...turn, view: update(turn.view) } : turn));
    this.put({ ...thread, turns });
  }

  private put(thread: Thread): void {
    this.threads.set(thread.id, thread);
    this.notify();
  }

  private notify(): void {
    this.listeners.forEach((listener) => listener());
  }
}

function runInput(threadId: string, runId: string, ask: Ask, openInterrupt: string | null): RunInput {
  const plainsay = {
    locale: displayLocale(),
    timezone: timeZone(),
    ...(ask.workspace && { workspace: ask.workspace }),
    ...(ask.brain && { brain: ask.brain }),
    ...(ask.patch && { answer_id: ask.patch.answerId, patch: ask.patch.patch }),
  };
  return {
    threadId,
    runId,
    messages: [{ id: newId(), role: "user", content: ask.question }],
    state: {},
    tools: [],
    context: [],
    forwardedProps: { plainsay },
    ...resumeOf(ask, openInterrupt),
  };
}

/** An answered interrupt is resolved; any other question on top of one cancels it. */
function resumeOf(ask: Ask, open: string | null): Pick<RunInput, "resume"> {
  if (ask.resume) {
    const { interruptId, payload } = ask.resume;
    return { resume: [{ interruptId, status: "resolved", payload: { ...payload } }] };
  }
  return open ? { resume: [{ interruptId: open, status: "cancelled" }] } : {};
}

function turnOf(stored: StoredTurn, workspace: string): Turn {
  return { runId: stored.run_id, ask: { question: stored.question, workspace }, view: storedView(stored), verdict: stored.verdict ?? null };
}

function storedView(stored: StoredTurn): RunView {
  if (stored.status === "running") return EMPTY_VIEW;
  if (stored.status === "failed") {
    const { code = "error", message = "", hint = null } = stored.error ?? {};
    return { ...EMPTY_VIEW, phase: "failed", failure: { code, message, hint } };
  }
  const view = stored.answer ? viewOfAnswer(stored.answer) : EMPTY_VIEW;
  return { ...view, phase: stored.status === "cancelled" ? "cancelled" : "done" };
}

/** Runs under way are followed; an open question back is replayed for its interrupt id, which answers do not hold. */
function mustFollow(stored: StoredTurn, isLast: boolean): boolean {
  return stored.status === "running" || (isLast && stored.answer?.status === "clarify");
}

export const threadStore = new ThreadStore();
