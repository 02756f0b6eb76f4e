// The AI SDK's chat, without a page around it: a question, a reply to a question back, an error, a cut and taking up again.
import assert from "node:assert/strict";
import { DefaultChatTransport, readUIMessageStream } from "ai";
import { Chat } from "@ai-sdk/react";

const [url] = process.argv.slice(2);
const TEXT = "Revenue was $114,000.00 in the north and $86,000.00 south.";
const api = `${url}/v1/aisdk`;
const chat = (id, more = {}) => new Chat({ id, transport: new DefaultChatTransport({ api, body: { workspace: "shop" } }), ...more });
const text = (message) => message.parts.filter((p) => p.type === "text").map((p) => p.text).join("");
const part = (message, type) => message.parts.find((p) => p.type === type);

const first = chat("ui-1");
await first.sendMessage({ text: "total revenue" });
const answer = first.messages.at(-1);
assert.equal(first.status, "ready");
assert.equal(text(answer), TEXT);
assert.equal(answer.metadata.status, "answered");
assert.equal(part(answer, "data-table").data.rows.length, 2);
assert.equal(part(answer, "data-claims").data.items.length, 2);
assert.equal(part(answer, "dynamic-tool").state, "output-available");
assert.equal(part(answer, "dynamic-tool").toolName, "query_metrics");
await first.sendMessage({ text: "and by month" });
assert.equal(first.messages.length, 4);
await first.regenerate();
assert.equal(text(first.messages.at(-1)), TEXT);

const second = chat("ui-2");
await second.sendMessage({ text: "clarify revenue" });
assert.match(text(second.messages.at(-1)), /Which revenue\?/);
assert.equal(part(second.messages.at(-1), "data-clarification").data.options[0].value, "net");

const told = [];
const third = chat("ui-3", { onError: (error) => told.push(error.message) });
await third.sendMessage({ text: "fail" });
assert.equal(third.status, "error");
assert.match(told[0], /took too long/);
const fourth = chat("ui-4", { onError: (error) => told.push(error.message) });
await fourth.sendMessage({ text: " " });
assert.match(told[1], /There is no question/);

// The connection is cut after a while; the answer goes on and is read from its beginning.
const cut = chat("ui-5");
const asking = cut.sendMessage({ text: "slow revenue" });
await new Promise((done) => setTimeout(done, 700));
await cut.stop();
await asking;
const half = text(cut.messages.at(-1));
assert.ok(half.startsWith("Revenue was"));
const back = chat("ui-5", { messages: cut.messages.slice(0, 1) });
await back.resumeStream();
const whole = text(back.messages.at(-1));
assert.ok(whole.startsWith(half) && whole.length > half.length);
assert.equal(back.messages.at(-1).id, cut.messages.at(-1).id);
assert.equal((await fetch(`${api}/ui-5/stream`)).status, 204);
const ended = await new DefaultChatTransport({ api, prepareReconnectToStreamRequest: ({ id }) => ({ api: `${api}/${id}/stream?ended=true` }) })
  .reconnectToStream({ chatId: "ui-5" });
let last;
for await (const message of readUIMessageStream({ stream: ended })) last = message;
assert.equal(text(last), whole);
console.log("ok");
