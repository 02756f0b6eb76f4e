// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-23090d3b3354";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-Cd0NTMOa.js",
  "/assets/core-Wum9rmnm.css",
  "/assets/index-D--5soAn.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-DU3zDv5W.js",
  "/assets/ActionMenu-CdwTJB0w.js",
  "/assets/AdminPage-Nn08QiMJ.js",
  "/assets/AlertOffer-BpAicKRi.js",
  "/assets/AlertsPage-BGPuRwwW.js",
  "/assets/ChartFigure-Y19kSbMA.js",
  "/assets/Conversation-gA-9tMaI.js",
  "/assets/CopyButton-DUhqFybR.js",
  "/assets/DashboardPage-CqPJa4rw.js",
  "/assets/DashboardsPage-D5wRMJuT.js",
  "/assets/DataPage-BtQNaTeS.js",
  "/assets/DataPart-CMA_tYh5.js",
  "/assets/DataTable-_9p-4CWb.js",
  "/assets/DigestsPage-JpGxpnPu.js",
  "/assets/Doorway-DrlZfAeQ.js",
  "/assets/EventsPage-DGg-5OTr.js",
  "/assets/Field-CWDtVc7W.js",
  "/assets/HistoryPage-bjX2vCcj.js",
  "/assets/InboxPage-Co0Gmp6x.js",
  "/assets/KnowledgePage-Cr6lV5oW.js",
  "/assets/LinkPage-B-0eM8o6.js",
  "/assets/LoadsPage-DTsfpo6e.js",
  "/assets/Menu-CQTzex3r.js",
  "/assets/Menu-CwBnYVWV.js",
  "/assets/ModelPage-DqT6tmDa.js",
  "/assets/News-YU5AA0C_.js",
  "/assets/NotFoundPage-DUxDgI7O.js",
  "/assets/QuestionList-CMfjLGed.js",
  "/assets/RatesPage-D0Le72eY.js",
  "/assets/ReviewPage-Qbf8IP34.js",
  "/assets/Secret-DX3X0xTB.js",
  "/assets/SettingsPage-lHjUHwak.js",
  "/assets/SetupPage-BvgLbf_d.js",
  "/assets/SeverityMark-DT4OT6YX.js",
  "/assets/ShareDialog-uiBhG3Ze.js",
  "/assets/SharedPage-v9AJdQ0P.js",
  "/assets/SignInPage-DqCaKgrG.js",
  "/assets/SourcesPage-Dzn4aXrz.js",
  "/assets/TellPage-bCkZUAjV.js",
  "/assets/TurnView-DKjVnEhD.js",
  "/assets/Where-A1irLup4.js",
  "/assets/alerts-BuDn7DOc.js",
  "/assets/csv-Bt6ufBCQ.js",
  "/assets/dashboards-CYdLd1R7.js",
  "/assets/dist-DthUlePq.js",
  "/assets/dist-WfMVXGID.js",
  "/assets/es2015-oT3ByQna.js",
  "/assets/exports-CXCuocyC.js",
  "/assets/rights-73WMA9jx.js",
  "/assets/rows-CXjoioNJ.js",
  "/assets/upload-CMAi43gt.js"
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
