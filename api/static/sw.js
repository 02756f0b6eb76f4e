// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-df3d6d62b922";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-D6PXohD9.css",
  "/assets/core-DTDOqA4M.js",
  "/assets/index-BZTqFS0a.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-BhGsGm3A.js",
  "/assets/ActionMenu-DioZA6GZ.js",
  "/assets/AdminPage-BP5krsyD.js",
  "/assets/AlertOffer-mz8k7att.js",
  "/assets/AlertsPage-D-t6dPRw.js",
  "/assets/ChartFigure-BNS-U-V4.js",
  "/assets/Conversation-BNpnUm4m.js",
  "/assets/CopyButton-KS3-8tAz.js",
  "/assets/DashboardPage-umOyy19d.js",
  "/assets/DashboardsPage-B_f64Pal.js",
  "/assets/DataPage-C0SWGEB5.js",
  "/assets/DataPart-Dxa2siEB.js",
  "/assets/DataTable-BzAp_hs8.js",
  "/assets/DigestsPage-ChDVg5-U.js",
  "/assets/Doorway-BRhDKeK5.js",
  "/assets/EventsPage-DXQKVSuP.js",
  "/assets/Field-CNRDoHbi.js",
  "/assets/HistoryPage-D6Z9PQLm.js",
  "/assets/InboxPage-DRMHgL5I.js",
  "/assets/Keys-CtJtT4Rv.js",
  "/assets/KnowledgePage-CXXjyi9B.js",
  "/assets/LinkPage-Bg18A_mN.js",
  "/assets/LoadsPage-D-vFYDII.js",
  "/assets/Menu-C_ydSNpK.js",
  "/assets/Menu-CnUp8iga.js",
  "/assets/ModelPage-BjmHXAu6.js",
  "/assets/News-xDV9iGxl.js",
  "/assets/NotFoundPage-DUjzvxIs.js",
  "/assets/QuestionList-B7r-FMDK.js",
  "/assets/RatesPage-BJIK1fqv.js",
  "/assets/ReviewPage-ZBBYBgUR.js",
  "/assets/Secret-C9aeiGo4.js",
  "/assets/SettingsPage-g3ZeD1gM.js",
  "/assets/SetupPage-LhWku1G6.js",
  "/assets/SeverityMark-CBrieRpz.js",
  "/assets/ShareDialog-DI8o8x_E.js",
  "/assets/SharedPage-Duc0DL6L.js",
  "/assets/SignInPage-pB6XYw72.js",
  "/assets/SourcesPage-DCkVmDmK.js",
  "/assets/TellPage-CDpLer9L.js",
  "/assets/TurnView-BzLIzr-F.js",
  "/assets/Where-B2uJcKGh.js",
  "/assets/alerts-C0lYeLIg.js",
  "/assets/csv-zWpRRkW3.js",
  "/assets/dashboards-JP3OyVPq.js",
  "/assets/dist-BYHe5J73.js",
  "/assets/dist-VkHMbbdc.js",
  "/assets/es2015-BTPdyCc8.js",
  "/assets/exports-BPcY1TyY.js",
  "/assets/rights-D_wqWq0D.js",
  "/assets/rows-D6mcMstD.js",
  "/assets/upload-CSFt7UPW.js"
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
