// One run as seen from the page: starts it, follows its events, and reattaches whenever the line drops.
import { ApiError, LineError } from "@/lib/api/errors";
import { openStream, post } from "@/lib/api/http";
import { type AguiEvent, isTerminal, type SeqEvent } from "./events";
import { SseParser } from "./sse";

export interface RunInput {
  threadId: string;
  runId: string;
  messages: { id: string; role: "user"; content: string }[];
  state: Record<string, never>;
  tools: never[];
  context: never[];
  forwardedProps: { plainsay: Record<string, unknown> };
  resume?: { interruptId: string; status: "resolved" | "cancelled"; payload?: Record<string, string> }[];
}

export interface SessionHandlers {
  onEvents: (events: SeqEvent[]) => void;
  onReconnecting: () => void;
  onFailure: (error: ApiError) => void;
}

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;
const TRIES = 12;
const TEMPORARY = new Set([429, 502, 503, 504]);

export class RunSession {
  private lastSeq = 0;
  private ended = false;
  private pending: SeqEvent[] = [];
  private flushing = false;
  private readonly abort = new AbortController();

  /** `input` null attaches to a run that already exists. */
  constructor(
    private readonly runId: string,
    private readonly input: RunInput | null,
    private readonly handlers: SessionHandlers,
  ) {}

  /** Follow the run until its last event. Failures arrive through the handlers. */
  async follow(): Promise<void> {
    for (let tries = 0; !this.ended && !this.abort.signal.aborted; tries += 1) {
      const before = this.lastSeq;
      const error = await this.attempt();
      if (this.ended || this.abort.signal.aborted) return;
      if (this.lastSeq > before) tries = 0;
      if (!isTemporary(error) || tries >= TRIES) return this.handlers.onFailure(error);
      this.handlers.onReconnecting();
      await pause(tries, this.abort.signal);
    }
  }

  /** Stop listening. The run itself goes on; `cancelRun` stops it. */
  close(): void {
    this.abort.abort();
  }

  private async attempt(): Promise<ApiError> {
    try {
      const response = await this.open();
      await this.read(response);
      return new LineError();
    } catch (error) {
      return error instanceof ApiError ? error : new LineError();
    }
  }

  private open(): Promise<Response> {
    if (this.lastSeq === 0 && this.input) {
      return post("/v1/chat", this.input, { signal: this.abort.signal, headers: { accept: "text/event-stream" } });
    }
    const path = `/v1/runs/${encodeURIComponent(this.runId)}/events`;
    return openStream(path, { "last-event-id": String(this.lastSeq) }, this.abort.signal);
  }

  private async read(response: Response): Promise<void> {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new SseParser(({ id, data }) => this.receive(id, data));
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) return;
      parser.feed(chunk.value);
      if (this.ended) return void reader?.cancel();
    }
  }

  private receive(id: string | null, data: string): void {
    const seq = Number(id) || this.lastSeq + 1;
    if (seq <= this.lastSeq) return;
    const event = JSON.parse(data) as AguiEvent;
    this.lastSeq = seq;
    this.ended = isTerminal(event);
    this.pending.push({ seq, event });
    this.scheduleFlush();
  }

  /** Events reach the page once per frame; a hidden page has no frames, so a timer stands in. */
  private scheduleFlush(): void {
    if (this.flushing) return;
    this.flushing = true;
    const flush = () => {
      this.flushing = false;
      this.handlers.onEvents(this.pending.splice(0));
    };
    if (document.hidden) setTimeout(flush, 100);
    else requestAnimationFrame(flush);
  }
}

function isTemporary(error: ApiError): boolean {
  return error instanceof LineError || TEMPORARY.has(error.status);
}

/** Wait longer after each try, with jitter; wake at once when the line or the reader comes back. */
function pause(tries: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(FIRST_WAIT_MS * 2 ** tries, LONGEST_WAIT_MS);
  return new Promise((done) => {
    const wake = new AbortController();
    const finish = () => {
      clearTimeout(timer);
      wake.abort();
      done();
    };
    const timer = setTimeout(finish, longest * (0.75 + Math.random() * 0.5));
    addEventListener("online", finish, { signal: wake.signal });
    document.addEventListener("visibilitychange", finish, { signal: wake.signal });
    signal.addEventListener("abort", finish, { signal: wake.signal });
  });
}

/** Ask the server to stop a run; its stream then ends with `cancelled`. */
export async function cancelRun(runId: string): Promise<void> {
  await post(`/v1/runs/${encodeURIComponent(runId)}/cancel`, {});
}
