"""Writes the TypeScript client from the API's own description, so that types and addresses cannot drift."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TARGET = ROOT / "docs" / "plainsay.ts"
LEFT_OUT = ("/v1/chat/completions", "/v1/responses", "/v1/models", "/v1/aisdk", "/mcp", "/metrics", "/v1/uploads")
"""Addresses that have clients of their own, and those that do not speak JSON."""

HEAD = """// Written by scripts/typescript_client.py from /v1/openapi.json; edit that.
// A client for browsers and Node 20 and later; no dependencies.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null,
    readonly retry: "never" | "adjusted" | "as_is",
  ) {
    super(message);
  }
}

export interface Options {
  url?: string;
  key?: string;
  fetch?: typeof fetch;
}

const AGAIN = new Set([429, 502, 503, 504]);
const ATTEMPTS = 4;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function query(values: Record<string, unknown>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}
"""
CLASS = """
export class Plainsay {
  private readonly url: string;
  private readonly key: string | undefined;
  private readonly fetch: typeof fetch;

  constructor(options: Options = {}) {
    this.url = (options.url ?? "http://127.0.0.1:8000").replace(/\\/$/, "");
    this.key = options.key;
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  private headers(more: Record<string, string> = {}): Record<string, string> {
    return this.key ? { ...more, authorization: `Bearer ${this.key}` } : more;
  }

  /** Any request; a POST carries a key, so that sending it again does it once. Throws `ApiError`. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers = this.headers(body === undefined ? {} : { "content-type": "application/json" });
    if (method === "POST") headers["idempotency-key"] = crypto.randomUUID();
    for (let attempt = 0; ; attempt++) {
      const last = attempt + 1 === ATTEMPTS;
      let answer: Response | undefined;
      try {
        const sent = body === undefined ? undefined : JSON.stringify(body);
        answer = await this.fetch(this.url + path, { method, headers, body: sent });
      } catch (error) {
        if (last) throw error;
      }
      if (answer && (last || !AGAIN.has(answer.status))) return (await read(answer)) as T;
      const told = Number(answer?.headers.get("retry-after") ?? "");
      await sleep(told > 0 ? told * 1000 : 250 * 2 ** attempt);
    }
  }

  /** The AG-UI events of an answer, each once, also when the connection breaks. Throws `ApiError`. */
  async *stream(
    question: string,
    options: { workspace?: string; threadId?: string } = {},
  ): AsyncGenerator<Record<string, unknown>> {
    const runId = `r-${crypto.randomUUID()}`;
    const threadId = options.threadId ?? `th-${crypto.randomUUID()}`;
    const messages = [{ id: "m", role: "user", content: question }];
    const forwardedProps = { plainsay: { workspace: options.workspace } };
    const body = JSON.stringify({ threadId, runId, messages, forwardedProps });
    const first = { method: "POST", headers: this.headers({ "content-type": "application/json" }), body };
    let last = 0;
    for (let failures = 0; failures < ATTEMPTS; failures++) {
      try {
        const answer = last
          ? await this.fetch(`${this.url}/v1/runs/${runId}/events`, {
              headers: this.headers({ "last-event-id": String(last) }),
            })
          : await this.fetch(`${this.url}/v1/chat`, first);
        if (!answer.ok) await read(answer);
        for await (const [number, event] of events(answer)) {
          last = number;
          failures = 0;
          yield event;
          if (event.type === "RUN_FINISHED" || event.type === "RUN_ERROR") return;
        }
      } catch (error) {
        if (error instanceof ApiError) throw error;
      }
      await sleep(250 * 2 ** failures);
    }
    throw new Error("The stream broke too often.");
  }
"""
TAIL = """}

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text();
  const body = text ? JSON.parse(text) : null;
  if (answer.ok) return body;
  const told = body?.error ?? {};
  const code = told.code ?? `http_${answer.status}`;
  throw new ApiError(answer.status, code, told.message ?? answer.statusText, told.hint ?? null, told.retry ?? "never");
}

async function* events(answer: Response): AsyncGenerator<[number, Record<string, unknown>]> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let number = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split("\\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("id: ")) number = Number(line.slice(4));
      if (line.startsWith("data: ")) yield [number, JSON.parse(line.slice(6)) as Record<string, unknown>];
    }
  }
}
"""


def text() -> str:
    """The whole file."""
    from api.app import create_app

    told = create_app().openapi()
    types = "\n".join(_type(name, schema) for name, schema in sorted(told["components"]["schemas"].items()))
    methods = "\n".join(
        _method(path, verb, operation)
        for path, verbs in sorted(told["paths"].items())
        for verb, operation in sorted(verbs.items())
        if path.startswith("/v1") and not path.startswith(LEFT_OUT) and not _streams(operation)
    )
    return f"{HEAD}\n{types}\n{CLASS}\n{methods}\n{TAIL}"


def _type(name: str, schema: dict[str, Any]) -> str:
    if schema.get("properties"):
        wanted = set(schema.get("required", []))
        fields = "".join(
            f"  {field}{'' if field in wanted else '?'}: {_of(one)};\n" for field, one in schema["properties"].items()
        )
        return f"export interface {name} {{\n{fields}}}\n"
    return f"export type {name} = {_of(schema)};\n"


def _of(schema: Any) -> str:
    """A JSON Schema as a TypeScript type; what it does not say is `unknown`."""
    if not isinstance(schema, dict):
        return "unknown"
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " | ".join(_literal(one) for one in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(_of(one) for one in schema[key]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_of({**schema, "type": one}) for one in kind)
    if kind == "array":
        return f"({_of(schema.get('items', {}))})[]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"Record<string, {_of(inner)}>" if isinstance(inner, dict) else "Record<string, unknown>"
    return {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}.get(
        str(kind), "unknown"
    )


def _literal(value: Any) -> str:
    import json

    return json.dumps(value)


def _method(path: str, verb: str, operation: dict[str, Any]) -> str:
    parameters = operation.get("parameters", [])
    inside = [p["name"] for p in parameters if p["in"] == "path"]
    asked = [p for p in parameters if p["in"] == "query"]
    arguments = [f"{_camel(name)}: string" for name in inside]
    address = path
    for name in inside:
        address = address.replace("{" + name + "}", "${encodeURIComponent(" + _camel(name) + ")}")
    has_body = "requestBody" in operation
    if has_body:
        arguments.append("body: Record<string, unknown>")
    tail = ""
    if asked:
        fields = "; ".join(f"{p['name']}?: {_of(p['schema'])}" for p in asked)
        arguments.append(f"options: {{ {fields} }} = {{}}")
        tail = "${query(options)}"
    given = ", body" if has_body else ""
    return (
        f"  /** {operation['summary'].replace('*/', '')}. */\n"
        f"  {_camel(operation['operationId'])}({', '.join(arguments)}): Promise<{_answer(operation)}> {{\n"
        f'    return this.call("{verb.upper()}", `{address}{tail}`{given});\n  }}\n'
    )


def _answer(operation: dict[str, Any]) -> str:
    good = next((code for code in operation["responses"] if code.startswith("2")), "")
    media = operation["responses"].get(good, {}).get("content", {}).get("application/json")
    if media is None:
        return "null" if good == "204" else "Record<string, unknown>"
    schema = media.get("schema", {})
    items = schema.get("properties", {}).get("items", {}).get("items")
    if items:
        return f"{{ items: {_of(items)}[]; next?: string | null }}"
    found = _of(schema)
    return "Record<string, unknown>" if found == "unknown" else found


def _streams(operation: dict[str, Any]) -> bool:
    return any("text/event-stream" in answer.get("content", {}) for answer in operation["responses"].values())


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
