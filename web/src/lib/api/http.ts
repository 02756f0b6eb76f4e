// JSON over fetch with one kind of failure.
import { keep, recall } from "@/lib/kept";
import { errorFrom, LineError } from "./errors";

async function send(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  // What is changed here (who is signed in, what data there is) makes answers from before it untrue.
  if (init.method) globalThis.plainsayEarly = undefined;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new LineError();
  }
  if (!response.ok) throw errorFrom(response.status, await response.text());
  return response;
}

declare global {
  // Set by theme-init.js; each of its answers is used once.
  var plainsayEarly: Record<string, Promise<Response | null>> | undefined;
}

/** What was asked for before the page's code had come; null when it was not, or did not go well. */
async function early(path: string): Promise<Response | null> {
  const asked = globalThis.plainsayEarly?.[path];
  if (!asked) return null;
  delete globalThis.plainsayEarly?.[path];
  const response = await asked;
  return response?.ok ? response : null;
}

/** The JSON at `path`, or what was kept of it while the server cannot be reached. Throws `ApiError`. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  try {
    const response = (await early(path)) ?? await send(path, { signal, headers: { accept: "application/json" } });
    const body = (await response.json()) as T;
    void keep(path, body);
    return body;
  } catch (error) {
    const kept = error instanceof LineError ? await recall<T>(path) : undefined;
    if (kept === undefined) throw error;
    return kept;
  }
}

/** POST a JSON body; the response is left to the caller. Throws `ApiError`. */
export function post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = { "content-type": "application/json", ...init.headers };
  return send(path, { ...init, method: "POST", body: JSON.stringify(body), headers });
}

/** PATCH a JSON body. Throws `ApiError`. */
export const patch = <T>(path: string, body: unknown): Promise<T> => change<T>("PATCH", path, body);

/** PUT a JSON body. Throws `ApiError`. */
export const put = <T>(path: string, body: unknown): Promise<T> => change<T>("PUT", path, body);

async function change<T>(method: string, path: string, body: unknown): Promise<T> {
  const response = await send(path, { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  return (await response.json()) as T;
}

/** DELETE `path`. Throws `ApiError`. */
export async function remove(path: string): Promise<void> {
  await send(path, { method: "DELETE" });
}

/** GET an open stream. Throws `ApiError`. */
export function openStream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
  return send(path, { signal, headers: { accept: "text/event-stream", ...headers } });
}
