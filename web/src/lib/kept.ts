// What was read lately, kept in this browser so that it can be read again without a network.
import { useSyncExternalStore } from "react";

const STORE = "plainsay-kept";
const MOST = 120;
const AT = "x-kept-at";
/** Conversations, dashboards with their answers, and the names of the data; nothing else is kept. */
const KEPT = [
  /^\/v1\/threads(\/[^/?]+)?$/, /^\/v1\/dashboards(\?.*)?$/, /^\/v1\/dashboards\/[^/?]+$/,
  /^\/v1\/dashboards\/[^/]+\/cards\/[^/]+\/answer(\?.*)?$/, /^\/v1\/workspaces$/, /^\/v1\/threads\?q=$/,
];

let since: Date | null = null;
const listeners = new Set<() => void>();

function setSince(next: Date | null): void {
  if (next?.getTime() === since?.getTime()) return;
  since = next;
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** When what is shown was kept, while the server cannot be reached; null while it can. */
export function useKeptSince(): Date | null {
  return useSyncExternalStore(subscribe, () => since);
}

const isKept = (path: string): boolean => "caches" in globalThis && KEPT.some((pattern) => pattern.test(path));

/** Keep what the server said, if it is something to read again. Never fails. */
export async function keep(path: string, body: unknown): Promise<void> {
  setSince(null);
  if (!isKept(path)) return;
  try {
    const store = await caches.open(STORE);
    await store.delete(path);
    await store.put(path, new Response(JSON.stringify(body), { headers: { [AT]: new Date().toISOString() } }));
    const all = await store.keys();
    await Promise.all(all.slice(0, Math.max(0, all.length - MOST)).map((old) => store.delete(old)));
  } catch {
    // the browser keeps nothing: reading goes on as long as there is a network
  }
}

/** What was kept of an address, or undefined. */
export async function recall<T>(path: string): Promise<T | undefined> {
  if (!isKept(path)) return undefined;
  try {
    const found = await (await caches.open(STORE)).match(path);
    if (!found) return undefined;
    setSince(new Date(found.headers.get(AT) ?? Date.now()));
    return (await found.json()) as T;
  } catch {
    return undefined;
  }
}

/** Forget everything that was kept: when somebody signs out, or wants it gone. */
export async function forgetKept(): Promise<void> {
  if ("caches" in globalThis) await caches.delete(STORE);
  setSince(null);
}
