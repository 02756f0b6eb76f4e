// OpenAI's own JavaScript client: completions and responses, whole, streamed, taken up again, refused.
import assert from "node:assert/strict";
import OpenAI from "openai";

const [url] = process.argv.slice(2);
const ai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 });
const TEXT = "Revenue was $114,000.00 in the north and $86,000.00 south.";
const said = (content) => [{ role: "user", content }];

const models = await ai.models.list();
assert.deepEqual(models.data.map((m) => m.id), ["plainsay", "shop"]);

const whole = await ai.chat.completions.create({ model: "shop", messages: said("total revenue") });
assert.ok(whole.choices[0].message.content.startsWith(TEXT));
assert.equal(whole.plainsay.claims.length, 2);

let text = "";
let usage = null;
const stream = await ai.chat.completions.create({
  model: "shop", messages: said("total revenue"), stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta?.content ?? "";
  usage = chunk.usage ?? usage;
}
assert.equal(text, whole.choices[0].message.content);
assert.equal(usage.total_tokens, 0);

const runner = ai.chat.completions.stream({ model: "shop", messages: said("total revenue") });
assert.equal(await runner.finalContent(), text);

await assert.rejects(ai.chat.completions.create({ model: "nowhere", messages: said("x") }), (error) => {
  assert.ok(error instanceof OpenAI.NotFoundError);
  assert.equal(error.code, "model_not_found");
  return true;
});
await assert.rejects(async () => {
  for await (const _ of await ai.chat.completions.create({ model: "shop", messages: said("fail"), stream: true }));
}, /too long/);

const asked = await ai.chat.completions.create({ model: "shop", messages: said("clarify revenue") });
assert.match(asked.choices[0].message.content, /Which revenue\?\n\n1\. Net revenue/);

const response = await ai.responses.create({ model: "shop", input: "total revenue" });
assert.ok(response.output_text.startsWith(TEXT));
const helper = ai.responses.stream({ model: "shop", input: "total revenue", previous_response_id: response.id });
const kinds = [];
for await (const event of helper) kinds.push(event.type);
assert.equal(kinds.at(-1), "response.completed");
const final = await helper.finalResponse();
assert.equal(final.output_text, response.output_text);

const rest = [];
for await (const event of await ai.responses.retrieve(final.id, { stream: true, starting_after: 3 })) rest.push(event);
assert.deepEqual(rest.map((e) => e.type), kinds.slice(4));
console.log("ok");
