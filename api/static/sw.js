// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-044b28b346c3";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/ErrorBoundary-DB321pSV.js",
  "/assets/PromptBar-8Hkmvc3i.js",
  "/assets/WorkspaceSwitch-BuBrxgcn.js",
  "/assets/api-BurOy7AC.js",
  "/assets/arrow-up-xybOoAL6.js",
  "/assets/core-D52ytdyL.js",
  "/assets/index-3wT1tC5i.js",
  "/assets/index-nf9ZKFtM.css",
  "/assets/layout-dashboard-BDifE3Z4.js",
  "/assets/message-circle-plus-ComLqMdW.js",
  "/assets/message-square-text-DNxoflkP.js",
  "/assets/rolldown-runtime-XKyaHtl9.js",
  "/assets/rotate-ccw-clock-B0Eqakdo.js",
  "/assets/speech-DdZpS4lN.js",
  "/assets/threads-oBBrbRBu.js",
  "/assets/workspace-BeJoBo_5.js"
];
const LATER = [
  "/assets/AccountPage-Cw-HmHaE.js",
  "/assets/ActionMenu-DzFk60iA.js",
  "/assets/AdminPage-C2Xb6bLF.js",
  "/assets/Conversation-QvWnKsEx.js",
  "/assets/DashboardPage-B-gtJt6-.js",
  "/assets/DashboardsPage-5KVnLCLa.js",
  "/assets/DataPage-CBYd4MS-.js",
  "/assets/DataTable-Bgc3WCck.js",
  "/assets/Doorway-4k9lOQIT.js",
  "/assets/Field-DkmlN2Xk.js",
  "/assets/HistoryPage-Bwtl_QE8.js",
  "/assets/KnowledgePage-DS0toK5D.js",
  "/assets/LinkPage-BA7XZD9S.js",
  "/assets/Menu-CAJGJBB_.js",
  "/assets/Menu-mEEBAq7D.js",
  "/assets/ModelPage-DrkEsQaN.js",
  "/assets/NotFoundPage-CpTZAYGY.js",
  "/assets/ReviewPage-9HETWuUl.js",
  "/assets/SettingsPage-COWz593v.js",
  "/assets/SetupPage-BKEsyqdV.js",
  "/assets/ShareDialog-DIiprXie.js",
  "/assets/SharedPage-D4c6J93C.js",
  "/assets/SignInPage-3osVT2G2.js",
  "/assets/TurnView-CfMZeJqD.js",
  "/assets/check-B6Xn3hWK.js",
  "/assets/circle-check-DaKL1T3A.js",
  "/assets/csv-DCaon3WC.js",
  "/assets/dist-BbeBR35d.js",
  "/assets/dist-DIvsspSD.js",
  "/assets/es2015-KhtTSWJ1.js",
  "/assets/exports-C1uBS_6D.js",
  "/assets/flask-conical-BpJ1i9h4.js",
  "/assets/link-2-Itbm3CGq.js",
  "/assets/pencil-ByHOIsX8.js",
  "/assets/pin-ChWwu95p.js",
  "/assets/rows-3-ChC5wX-8.js",
  "/assets/rows-Bfn610ls.js",
  "/assets/trash-RjQ9T9xb.js",
  "/assets/upload-CLuORavF.js",
  "/assets/x-Ti-_Rnpa.js"
];
const NEVER = /^\/(v1|mcp|slack|healthz|readyz|metrics)(\/|$)/;

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(SHELL);
    await cache.addAll(LATER).catch(() => undefined);
  };
  event.waitUntil(fill());
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
