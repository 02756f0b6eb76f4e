// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-aadda1070032";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/ErrorBoundary-DrR-M5W4.js",
  "/assets/PromptBar-CowlZVsx.js",
  "/assets/WorkspaceSwitch-C2T1UW47.js",
  "/assets/api-Bo9Hf_rr.js",
  "/assets/arrow-up-BR_OOg_v.js",
  "/assets/chart-column-Db3kte12.js",
  "/assets/circle-dot-DXcvjmZB.js",
  "/assets/core-C8gdps2g.js",
  "/assets/index-Bz3X28l6.js",
  "/assets/index-qYHIavo9.css",
  "/assets/layout-dashboard-D88tdwtF.js",
  "/assets/message-circle-plus-E-URM0Xs.js",
  "/assets/message-square-text-fCSjSbWe.js",
  "/assets/rolldown-runtime-XKyaHtl9.js",
  "/assets/rotate-ccw-clock-CY5FNVtm.js",
  "/assets/speech-BdMJA9sg.js",
  "/assets/threads-B4-l2meH.js",
  "/assets/workspace-CZAY0ue9.js"
];
const LATER = [
  "/assets/AccountPage-C8SOoMsp.js",
  "/assets/ActionMenu-BHx3oXFq.js",
  "/assets/AdminPage-Ce8H_b_R.js",
  "/assets/ChartFigure-DagwDI1M.js",
  "/assets/Conversation-DeqAAm3b.js",
  "/assets/DashboardPage-hf-zw1RK.js",
  "/assets/DashboardsPage-DVNDdguN.js",
  "/assets/DataPage-CERlmzcR.js",
  "/assets/DataTable-CHcRTvgh.js",
  "/assets/DigestsPage-7roy6pwm.js",
  "/assets/Doorway-CVP9nIRk.js",
  "/assets/Field-usufFYRd.js",
  "/assets/HistoryPage-CL1Rx5sG.js",
  "/assets/InboxPage-ClsY7vse.js",
  "/assets/KnowledgePage-CF4o-qjS.js",
  "/assets/LinkPage-CDNsphnQ.js",
  "/assets/Menu-98DmN_1R.js",
  "/assets/Menu-BNpRUxED.js",
  "/assets/ModelPage-_GgYXCmR.js",
  "/assets/NotFoundPage-DxUGfTTa.js",
  "/assets/QuestionList-BlIH4Aia.js",
  "/assets/ReviewPage-DAThoEYH.js",
  "/assets/SettingsPage-BWRY6QuU.js",
  "/assets/SetupPage-C_dI_x_m.js",
  "/assets/ShareDialog-D5Z4Xz61.js",
  "/assets/SharedPage-BqtANEVp.js",
  "/assets/SignInPage-BdzKBxBs.js",
  "/assets/TellPage-Bb0EUHER.js",
  "/assets/TurnView-5JRcVWcL.js",
  "/assets/check-CvVEzwfr.js",
  "/assets/circle-check-xHYVrx_Y.js",
  "/assets/csv-DWIk1G8B.js",
  "/assets/dist-DxIJmkEB.js",
  "/assets/dist-omjuDIIg.js",
  "/assets/es2015-cMiT22fu.js",
  "/assets/exports-Bm_fFV2X.js",
  "/assets/flask-conical-BfgqlmCI.js",
  "/assets/link-2-DzwnWaSm.js",
  "/assets/pencil-DUmmMrZx.js",
  "/assets/pin-DynWgeWv.js",
  "/assets/rows-3-Bg_uS6AL.js",
  "/assets/rows-DqOAtBnd.js",
  "/assets/trash-Dg6wTSKy.js",
  "/assets/upload-BQ7hKGNr.js",
  "/assets/x-DVw9I3mI.js"
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
