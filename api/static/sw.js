// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-3b9668cc43e5";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/ErrorBoundary-Cs7jO52V.js",
  "/assets/PromptBar-BIqHU8y4.js",
  "/assets/WorkspaceSwitch-DsHA9gb9.js",
  "/assets/api-r3AB_-Do.js",
  "/assets/arrow-up-BXI0-Dh6.js",
  "/assets/core-D0xgJs3T.js",
  "/assets/index-Bt0bzhKY.js",
  "/assets/index-PIA2W34V.css",
  "/assets/layout-dashboard-DxtdrgMR.js",
  "/assets/message-circle-plus-DJwBTebw.js",
  "/assets/message-square-text-B9XphKBA.js",
  "/assets/rolldown-runtime-XKyaHtl9.js",
  "/assets/rotate-ccw-clock-DNPIUTcJ.js",
  "/assets/speech-dpi_Yx27.js",
  "/assets/threads-CTMnF1It.js",
  "/assets/workspace-Blo4tB4S.js"
];
const LATER = [
  "/assets/AccountPage-DmYVhNMr.js",
  "/assets/ActionMenu-Bp1wN0_N.js",
  "/assets/AdminPage-k8vNfN0i.js",
  "/assets/Conversation-Ck9X4_K7.js",
  "/assets/DashboardPage-Ek1XTzKj.js",
  "/assets/DashboardsPage-a94DfKk8.js",
  "/assets/DataPage-D08Rcild.js",
  "/assets/DataTable-DYW3HhHj.js",
  "/assets/Doorway-B1FMrNTm.js",
  "/assets/Field-BM5cF146.js",
  "/assets/HistoryPage-BbN49Ho5.js",
  "/assets/KnowledgePage-B3PUPAUC.js",
  "/assets/LinkPage-BZ851zAS.js",
  "/assets/Menu-B0y9j9Ks.js",
  "/assets/Menu-BzOk8W6v.js",
  "/assets/ModelPage-CT0P4ngU.js",
  "/assets/NotFoundPage--SW9O7-H.js",
  "/assets/ReviewPage-Bd-ayAhw.js",
  "/assets/SettingsPage-DLrJH923.js",
  "/assets/SetupPage-CarGAP54.js",
  "/assets/ShareDialog-BUDniFDf.js",
  "/assets/SharedPage-CqCPovPD.js",
  "/assets/SignInPage-BvCTy5Eq.js",
  "/assets/TurnView-CWSNJptz.js",
  "/assets/check-DP1r4LMr.js",
  "/assets/circle-check-CCl2CKXK.js",
  "/assets/csv-vH0s0hVB.js",
  "/assets/dist-D73ORWLA.js",
  "/assets/dist-Guak1TLT.js",
  "/assets/es2015-__5UFUFu.js",
  "/assets/exports-BJYHVAIb.js",
  "/assets/flask-conical-Dy5Llq5m.js",
  "/assets/link-2-D10kIemQ.js",
  "/assets/pencil-S2TjbKOK.js",
  "/assets/pin-DAqcclom.js",
  "/assets/rows-3-C0bM2dqc.js",
  "/assets/rows-DfeEt9iB.js",
  "/assets/trash-ClkJ05ve.js",
  "/assets/upload-CL3WyrbA.js",
  "/assets/x-xY5E3Jga.js"
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
