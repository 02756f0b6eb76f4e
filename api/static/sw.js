// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-5ece6e0ac41f";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/ErrorBoundary-EGwo6zXf.js",
  "/assets/PromptBar-FR2e1VjH.js",
  "/assets/WorkspaceSwitch-Bx2idBNT.js",
  "/assets/api-B1kAc8wd.js",
  "/assets/arrow-up-C3sOU5x9.js",
  "/assets/chart-column-BHWhC22x.js",
  "/assets/circle-dot-js5S89FE.js",
  "/assets/core-Dx2rOZ3J.js",
  "/assets/eye-DDxy0FZZ.js",
  "/assets/index-C0wd-vAk.css",
  "/assets/index-Cj4pR-be.js",
  "/assets/layout-dashboard-DBM-9JYd.js",
  "/assets/message-circle-plus-69qMFUge.js",
  "/assets/message-square-text-C3E-UeKt.js",
  "/assets/rolldown-runtime-XKyaHtl9.js",
  "/assets/rotate-ccw-clock-C_58MmZi.js",
  "/assets/speech-DN7bzUjU.js",
  "/assets/threads-CGuR39JG.js",
  "/assets/workspace-tglWnIUa.js"
];
const LATER = [
  "/assets/AccountPage-BkE-gIwc.js",
  "/assets/ActionMenu-CQ4mqp4P.js",
  "/assets/AdminPage-BrKVm1PA.js",
  "/assets/AlertsPage-Dxi8KN2B.js",
  "/assets/ChartFigure-Bq3JjVLt.js",
  "/assets/Conversation-DFpYerFw.js",
  "/assets/DashboardPage-7LqyxBsb.js",
  "/assets/DashboardsPage-9pljQb29.js",
  "/assets/DataPage-CHoGcdLM.js",
  "/assets/DataTable-Dc2tRQ4I.js",
  "/assets/DigestsPage-Dj2dSl7o.js",
  "/assets/Doorway-Cr5OzCLx.js",
  "/assets/Field-CBEtsDc_.js",
  "/assets/HistoryPage-BQiMDcxp.js",
  "/assets/InboxPage-uwAFZzMQ.js",
  "/assets/KnowledgePage-COMINxeW.js",
  "/assets/LinkPage-DD8rtufn.js",
  "/assets/Menu-BvxKocE1.js",
  "/assets/Menu-Dgmp8tia.js",
  "/assets/ModelPage-sXtw5LJS.js",
  "/assets/NotFoundPage-Bjoj3uAi.js",
  "/assets/QuestionList-D2wujPQU.js",
  "/assets/ReviewPage-Cv-Xw5vK.js",
  "/assets/SettingsPage-gRLGta4c.js",
  "/assets/SetupPage-CC_dLexV.js",
  "/assets/ShareDialog-DTfUj37J.js",
  "/assets/SharedPage-CHGDPGoz.js",
  "/assets/SignInPage-BFhNvztW.js",
  "/assets/TellPage-F4egWAsP.js",
  "/assets/TurnView-hL7KLugN.js",
  "/assets/check-3qE2M-GV.js",
  "/assets/circle-check-DifUyQ1Q.js",
  "/assets/csv-DrNszPiA.js",
  "/assets/dist-BSuTxlo7.js",
  "/assets/dist-WEk1Z2RO.js",
  "/assets/es2015-C8gl7fbf.js",
  "/assets/exports-q9-mV3Zx.js",
  "/assets/figures-B9Z37IQF.js",
  "/assets/flask-conical-hnIXvPth.js",
  "/assets/link-2-soaqm0e_.js",
  "/assets/pencil-BKJrsofB.js",
  "/assets/pin-BHc_js-s.js",
  "/assets/rows-3-BUpLcEjy.js",
  "/assets/rows-BCHgjh7c.js",
  "/assets/trash-xvcTxM21.js",
  "/assets/upload-C2170dCa.js",
  "/assets/x-BM1DBSC5.js"
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
