// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-eddf0a92ca2d";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-B65BzfKU.css",
  "/assets/core-BtUMiB-D.js",
  "/assets/index-og9xw42H.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-DZYpw9FY.js",
  "/assets/ActionMenu-ClNgiuJC.js",
  "/assets/AdminPage-BdCJw3CQ.js",
  "/assets/AlertsPage-BI-GX_8L.js",
  "/assets/ChartFigure-CDuOUxeA.js",
  "/assets/Conversation-CdCAex7P.js",
  "/assets/DashboardPage-BqUTtK1x.js",
  "/assets/DashboardsPage-Ba8Z6569.js",
  "/assets/DataPage-BF94X05Y.js",
  "/assets/DataTable-D4_nNvwC.js",
  "/assets/DigestsPage-Cd9WDfhy.js",
  "/assets/Doorway-BFqX2vif.js",
  "/assets/Field-4GCFUvBp.js",
  "/assets/HistoryPage-CtpOc4RF.js",
  "/assets/InboxPage-lL-Sh1F0.js",
  "/assets/KnowledgePage-BxXpB1bm.js",
  "/assets/LinkPage-Cq4dGWP7.js",
  "/assets/Menu-C_0L3Ca_.js",
  "/assets/Menu-DmUItbrq.js",
  "/assets/ModelPage-C9KP05_K.js",
  "/assets/News-kQpHBe_K.js",
  "/assets/NotFoundPage-CqitvG9q.js",
  "/assets/QuestionList-Ln8uW2wD.js",
  "/assets/ReviewPage-BPKxrfGX.js",
  "/assets/SettingsPage-XEt0TIiy.js",
  "/assets/SetupPage-DLfaBObf.js",
  "/assets/SeverityMark--ddylkH-.js",
  "/assets/ShareDialog-C1-7z8D7.js",
  "/assets/SharedPage-B_hGQX3n.js",
  "/assets/SignInPage-MMJyA39X.js",
  "/assets/TellPage-C8gWWptO.js",
  "/assets/TurnView-DRfugAQn.js",
  "/assets/csv-DTopTOyV.js",
  "/assets/dashboards-cpS1T2Jn.js",
  "/assets/dist-BSF58Y9A.js",
  "/assets/dist-C5mh21SG.js",
  "/assets/es2015-DNI4j_zf.js",
  "/assets/exports-VuG65g_x.js",
  "/assets/figures-Ctt3aHQf.js",
  "/assets/rows-_-ZczxYP.js"
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
