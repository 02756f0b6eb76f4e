// Reads server-sent events from any chunking and any line ending, because proxies change both.

export interface SseMessage {
  id: string | null;
  data: string;
}

/** Feed it text as it arrives; it calls `onMessage` once per complete event. */
export class SseParser {
  private buffer = "";
  private id: string | null = null;
  private data: string[] = [];

  constructor(private readonly onMessage: (message: SseMessage) => void) {}

  feed(chunk: string): void {
    this.buffer += chunk;
    let line: string | null;
    while ((line = this.nextLine()) !== null) this.readLine(line);
  }

  private nextLine(): string | null {
    const end = this.buffer.search(/[\r\n]/);
    if (end < 0) return null;
    const isReturn = this.buffer[end] === "\r";
    // A return at the very end may be half of CRLF: wait for the next chunk, unless nothing else is pending.
    if (isReturn && end === this.buffer.length - 1 && end > 0) return null;
    const line = this.buffer.slice(0, end);
    const width = isReturn && this.buffer[end + 1] === "\n" ? 2 : 1;
    this.buffer = this.buffer.slice(end + width);
    return line;
  }

  private readLine(line: string): void {
    if (line === "") return this.dispatch();
    if (line.startsWith(":")) return;
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.data.push(value);
    if (field === "id") this.id = value;
  }

  private dispatch(): void {
    if (this.data.length > 0) this.onMessage({ id: this.id, data: this.data.join("\n") });
    this.data = [];
  }
}
