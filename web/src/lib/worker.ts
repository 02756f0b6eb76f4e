// The service worker: installed once the page has settled, updated when the reader says so.
import { useSyncExternalStore } from "react";

const SCRIPT = "/sw.js";
let waiting: ServiceWorker | null = null;
const listeners = new Set<() => void>();

interface Policies {
  createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => { createScriptURL: (url: string) => string };
}

/** The one script address that Trusted Types let through. */
function scriptUrl(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  if (!trustedTypes) return SCRIPT;
  const policy = trustedTypes.createPolicy("plainsay", {
    createScriptURL: (url) => {
      if (url !== SCRIPT) throw new TypeError("not our worker");
      return url;
    },
  });
  return policy.createScriptURL(SCRIPT);
}

function offer(worker: ServiceWorker | null): void {
  waiting = worker;
  listeners.forEach((listener) => listener());
}

async function install(): Promise<void> {
  const registration = await navigator.serviceWorker.register(scriptUrl());
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const fresh = registration.installing;
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed" && navigator.serviceWorker.controller) offer(fresh);
    });
  });
  await navigator.serviceWorker.ready;
  await keepLoaded();
}

/** What was loaded before the worker was there is put beside what it keeps. */
async function keepLoaded(): Promise<void> {
  const name = (await caches.keys()).find((one) => one.startsWith("plainsay-page-"));
  const loaded = performance.getEntriesByType("resource").map((entry) => new URL(entry.name).pathname);
  if (!name) return;
  const cache = await caches.open(name);
  const missing = await Promise.all(loaded.filter((path) => path.startsWith("/assets/")).map(async (path) => ((await cache.match(path)) ? null : path)));
  await cache.addAll(missing.filter((path) => path !== null));
}

const LATER_MS = 3000;

/** Install the worker where there may be one (https or this machine); a page without it only loses the offline reading. */
export function installLater(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  setTimeout(() => void install().catch(() => undefined), LATER_MS);
}

/** Loads the new version that waits. */
export function update(): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting?.postMessage("update");
}

export function useUpdateWaiting(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, () => waiting !== null);
}
