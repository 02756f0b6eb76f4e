// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-7e1de35f3fa7";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-B5rcfU6A.css",
  "/assets/core-DO7lE_IP.js",
  "/assets/index-Dme49kfH.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-BevWKKcm.js",
  "/assets/ActionMenu-D0orXGJX.js",
  "/assets/AdminPage-fj3BD0JJ.js",
  "/assets/AlertOffer-BoiLAZ1W.js",
  "/assets/AlertsPage-DxFboy9Q.js",
  "/assets/ChartFigure-DCPw31Dn.js",
  "/assets/Conversation-DnyW2KUh.js",
  "/assets/CopyButton-D3JVvLJJ.js",
  "/assets/DashboardPage-BJFxiijC.js",
  "/assets/DashboardsPage-DWqqO5io.js",
  "/assets/DataPage-C4WZuhbG.js",
  "/assets/DataPart-BhlrBUbw.js",
  "/assets/DataTable-C7yDgxB8.js",
  "/assets/DigestsPage-DeeAoqXA.js",
  "/assets/Doorway-D5kDCW9B.js",
  "/assets/EventsPage-Bn93evYZ.js",
  "/assets/Field-CcbBXhaN.js",
  "/assets/FirstData-BjagrKPT.js",
  "/assets/FirstData-DMcuYEFn.js",
  "/assets/HistoryPage-Hnd6x-14.js",
  "/assets/InboxPage-BiPWMIor.js",
  "/assets/Keys-CkT2Y4vq.js",
  "/assets/KnowledgePage-Bo3m6jrB.js",
  "/assets/LinkPage-Ctp_D0fY.js",
  "/assets/LoadsPage-C1KhjnHb.js",
  "/assets/Menu-BKt9Tkka.js",
  "/assets/Menu-BqVZiBL0.js",
  "/assets/ModelPage-3Xb4hniy.js",
  "/assets/News-D8XKdOcb.js",
  "/assets/NotFoundPage-DdSwX8X5.js",
  "/assets/QuestionList-W-sma7uX.js",
  "/assets/RatesPage-C_NtiXzV.js",
  "/assets/ReviewPage-CIB0AFKB.js",
  "/assets/Secret-DBFGGMyv.js",
  "/assets/SettingsPage-vxI_J8VD.js",
  "/assets/SetupPage-BCRM5pC1.js",
  "/assets/SeverityMark-Z4ouStlc.js",
  "/assets/ShareDialog-B2zvhtzy.js",
  "/assets/SharedPage-Bacfdovk.js",
  "/assets/SignInPage-CpzaTTnR.js",
  "/assets/SourcesPage-CTBeklwj.js",
  "/assets/TellPage-C0aEsu-K.js",
  "/assets/TurnView-CcsmImuc.js",
  "/assets/Where-BKYSGXHu.js",
  "/assets/alerts-BeyRvBa-.js",
  "/assets/csv-BvElqnq-.js",
  "/assets/dashboards-CIG3VhzJ.js",
  "/assets/dist-CTLJHNCS.js",
  "/assets/dist-DjSn8a6s.js",
  "/assets/es2015-D25PbcNJ.js",
  "/assets/exports-ByMTNqKM.js",
  "/assets/rights-CF3_IL5k.js",
  "/assets/rows-ntXEV7yI.js",
  "/assets/upload-C2uQJFVb.js"
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
