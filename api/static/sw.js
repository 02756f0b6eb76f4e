// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-73f255cfde40";
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/Empty-B4Gw0IKt.js",
  "/assets/ErrorBoundary-GWjww7Ft.js",
  "/assets/Failure-B-eIv0ff.js",
  "/assets/PromptBar-9oRXzyrE.js",
  "/assets/Skeleton-Dm8HG4aZ.js",
  "/assets/WorkspaceSwitch-xEmE-MYI.js",
  "/assets/answers-DaU45VDU.js",
  "/assets/chunk-6KYCQHYJ-Baz6oXLv.js",
  "/assets/cx-DaQVej2c.js",
  "/assets/hooks-B_5ntkdy.js",
  "/assets/i18nInstance-GKjqojXJ.js",
  "/assets/index-CSXhJ8Kj.js",
  "/assets/index-q9m-CrcX.css",
  "/assets/jsx-runtime-Wy9s6hX0.js",
  "/assets/layout-dashboard-CS39HFSh.js",
  "/assets/locale-CKZHMDKO.js",
  "/assets/message-circle-plus-MsnhBkC1.js",
  "/assets/message-square-text-CcEQyQ19.js",
  "/assets/misc-D51lKnvj.js",
  "/assets/react-dom-g7hNCJoM.js",
  "/assets/rotate-ccw-clock-CCaEdskl.js",
  "/assets/speech-DIWtEu0e.js",
  "/assets/storage-CsbE1-MF.js",
  "/assets/threads-CPRbJgYx.js",
  "/assets/title-CyZYQmfq.js",
  "/assets/useMutation-oKbRwTvI.js",
  "/assets/useTranslation-DGei7Squ.js",
  "/assets/view-CuHX7UFN.js",
  "/assets/workspace-Tx7fO0Ka.js"
];
const NEVER = /^\/(v1|mcp|slack|healthz|readyz|metrics)(\/|$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)));
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("plainsay-page-") && name !== CACHE;
  const clean = caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))));
  event.waitUntil(clean.then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "update") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin || NEVER.test(pathname)) return;
  event.respondWith(request.mode === "navigate" ? fetch(request).catch(() => caches.match("/")) : fromCache(request));
});

async function fromCache(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && new URL(request.url).pathname.startsWith("/assets/")) {
    const cache = await caches.open(CACHE);
    await cache.put(request, response.clone());
  }
  return response;
}
