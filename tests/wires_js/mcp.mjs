// The official MCP client in JavaScript, over streamable HTTP.
import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
const { tools } = await client.listTools();
assert.ok(tools.some((t) => t.name === "ask") && tools.some((t) => t.name === "query_metrics"));
const steps = [];
const done = await client.callTool({ name: "ask", arguments: { question: "total revenue" } }, undefined, { onprogress: (p) => steps.push(p.message) });
assert.match(done.content[0].text, /^Revenue was \$114,000\.00/);
assert.equal(done.structuredContent.claims.length, 2);
assert.deepEqual(steps, ["1. Query orders"]);
const failed = await client.callTool({ name: "ask", arguments: { question: "fail" } });
assert.ok(failed.isError);
assert.equal((await client.listResources()).resources[0].uri, "plainsay://workspaces/shop/model");
await client.close();
console.log("ok");
