import { describe, expect, it } from "vitest";
import { type SseMessage, SseParser } from "@/lib/agui/sse";

function parse(text: string, size: number): SseMessage[] {
  const found: SseMessage[] = [];
  const parser = new SseParser((message) => found.push(message));
  for (let i = 0; i < text.length; i += size) parser.feed(text.slice(i, i + size));
  return found;
}

const STREAM = ': ping\n\nid: 1\nevent: x\ndata: {"a":1}\n\nid: 2\ndata: first\ndata:second\n\ndata: no id\n\n';
const WANTED = [
  { id: "1", data: '{"a":1}' },
  { id: "2", data: "first\nsecond" },
  { id: "2", data: "no id" },
];

describe("SseParser", () => {
  for (const [name, ending] of [["LF", "\n"], ["CRLF", "\r\n"], ["CR", "\r"]] as const) {
    for (const size of [1, 2, 3, 7, 1000]) {
      it(`reads ${name} in chunks of ${size}`, () => {
        expect(parse(STREAM.replaceAll("\n", ending), size)).toEqual(WANTED);
      });
    }
  }

  it("keeps an event back until it is complete", () => {
    expect(parse("id: 1\ndata: half", 4)).toEqual([]);
  });
});
