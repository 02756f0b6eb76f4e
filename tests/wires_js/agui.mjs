// AG-UI's own client, which throws when a rule of the protocol is broken: run, ask back and reply, cancel, error, resume.
import assert from "node:assert/strict";
import { HttpAgent } from "@ag-ui/client";

const [url] = process.argv.slice(2);

const agent = (threadId) => new HttpAgent({ url: `${url}/v1/chat`, threadId });
async function ask(runner, text, more = {}) {
  const seen = [];
  if (text) runner.addMessage({ id: `u-${Math.random()}`, role: "user", content: text });
  const done = await runner.runAgent(more, { onEvent: ({ event }) => { seen.push(event); } }).catch((error) => ({ error }));
  return { seen, ...done };
}

const first = agent("js-1");
const plain = await ask(first, "total revenue", { runId: "js-run-1" });
assert.equal(plain.seen[0].type, "RUN_STARTED");
assert.equal(plain.seen.at(-1).type, "RUN_FINISHED");
const answer = first.messages.filter((m) => m.role === "assistant" && m.content).at(-1);
assert.match(answer.content, /Revenue was \[\$114,000\.00\]\(#cell:t1:n:revenue\)/);
const activities = first.messages.filter((m) => m.role === "activity").map((m) => m.activityType);
assert.deepEqual([...activities].sort(), ["analytics.claims", "analytics.suggestions", "analytics.table"]);
assert.equal((await ask(first, "and by month")).seen.at(-1).type, "RUN_FINISHED");

const second = agent("js-2");
const back = await ask(second, "clarify revenue");
const { outcome } = back.seen.at(-1);
assert.equal(outcome.type, "interrupt");
const resume = [{ interruptId: outcome.interrupts[0].id, status: "resolved", payload: { choice: "net" } }];
assert.equal((await ask(second, "", { resume })).seen.at(-1).outcome.type, "success");

const third = agent("js-3");
const running = ask(third, "hang", { runId: "js-run-3" });
await new Promise((done) => setTimeout(done, 300));
await fetch(`${url}/v1/runs/js-run-3/cancel`, { method: "POST" });
assert.equal((await running).seen.at(-1).outcome.type, "cancelled");

const failed = await ask(agent("js-4"), "fail");
assert.equal(failed.seen.at(-1).type, "RUN_ERROR");
assert.equal(failed.seen.at(-1).code, "limit_reached");

const again = await fetch(`${url}/v1/runs/js-run-1/events`, { headers: { "Last-Event-ID": "2" } });
const bodies = (await again.text()).split("\n").filter((l) => l.startsWith("data: ")).map((l) => JSON.parse(l.slice(6)));
assert.deepEqual(bodies.map((b) => b.type), plain.seen.slice(2).map((e) => e.type));
console.log("ok");
