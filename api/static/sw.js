// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-e7b7c7a72a09";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-CD44ggXC.css",
  "/assets/core-Cu2facMH.js",
  "/assets/index-BuDEEEN8.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-D_0IjvwL.js",
  "/assets/ActionMenu-C7O6aei6.js",
  "/assets/AdminPage-D_lbMFAy.js",
  "/assets/AlertsPage-Dvqboppf.js",
  "/assets/ChartFigure-BNQM87J9.js",
  "/assets/Conversation-BjJf-sVF.js",
  "/assets/CopyButton-CEc2HC8-.js",
  "/assets/DashboardPage-1Qo5KVue.js",
  "/assets/DashboardsPage-Dn_AfOlA.js",
  "/assets/DataPage-DONLz5wO.js",
  "/assets/DataPart-FsqPULQg.js",
  "/assets/DataTable-CKNtoSCR.js",
  "/assets/DigestsPage-BywtwUQJ.js",
  "/assets/Doorway-DpJk4vvZ.js",
  "/assets/EventsPage-B8tFFjHR.js",
  "/assets/Field-DOaTUxOg.js",
  "/assets/HistoryPage-DeHfu56T.js",
  "/assets/InboxPage-Jm4ZMYoW.js",
  "/assets/KnowledgePage-fWWjNC-a.js",
  "/assets/LinkPage-B_h4gslP.js",
  "/assets/LoadsPage-B2aEhsf-.js",
  "/assets/Menu-DrjdMZhN.js",
  "/assets/Menu-rQdEJazH.js",
  "/assets/ModelPage-D2Z0hKGC.js",
  "/assets/News-GfQdaWDC.js",
  "/assets/NotFoundPage-BLrfMLQC.js",
  "/assets/QuestionList-DCKwGCM4.js",
  "/assets/RatesPage-DuTOGTrH.js",
  "/assets/ReviewPage-CzCUctfd.js",
  "/assets/Secret-j1As7Zxt.js",
  "/assets/SettingsPage-BRxSuXlO.js",
  "/assets/SetupPage-MiqrBPfq.js",
  "/assets/SeverityMark-CWkdGpiM.js",
  "/assets/ShareDialog-DkblfdYU.js",
  "/assets/SharedPage-CkApn4-u.js",
  "/assets/SignInPage-CoYGPfWc.js",
  "/assets/SourcesPage-CCplEyKL.js",
  "/assets/TellPage-CElbAjje.js",
  "/assets/TurnView-BqzL3Gtm.js",
  "/assets/Where-HpgMu2vM.js",
  "/assets/csv-BKdEP9id.js",
  "/assets/dashboards-BA0QFG_G.js",
  "/assets/dist-DbSUdYFL.js",
  "/assets/dist-LIKT_Cxd.js",
  "/assets/es2015-BF-Wt9jp.js",
  "/assets/exports-D12C6BMR.js",
  "/assets/rights-BlBbqVJm.js",
  "/assets/rows-K2VgRcNv.js",
  "/assets/upload-BtmQJAhJ.js"
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
