// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-dc8863dda007";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-B65BzfKU.css",
  "/assets/core-W3QVOAaX.js",
  "/assets/index-BbXBWexn.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-XGakjtI9.js",
  "/assets/ActionMenu-CNBfgjD_.js",
  "/assets/AdminPage-BB9IRxpy.js",
  "/assets/AlertsPage-BaGESehB.js",
  "/assets/ChartFigure-BAg7K5V4.js",
  "/assets/Conversation-DpZVjsW9.js",
  "/assets/DashboardPage-CnVDLbc2.js",
  "/assets/DashboardsPage-BgBYIt7s.js",
  "/assets/DataPage-DyYpvZZh.js",
  "/assets/DataTable-B8RhzKb_.js",
  "/assets/DigestsPage-CDcANmso.js",
  "/assets/Doorway-1u8g9SGC.js",
  "/assets/Field-DpiijbQB.js",
  "/assets/HistoryPage-LVKrgYAw.js",
  "/assets/InboxPage-Bm0DXTA-.js",
  "/assets/KnowledgePage-XzWPhOcP.js",
  "/assets/LinkPage-BbL75j9m.js",
  "/assets/Menu-BJbLsqr2.js",
  "/assets/Menu-D9iOXt6n.js",
  "/assets/ModelPage-BlanH_nH.js",
  "/assets/News-DomfDgvC.js",
  "/assets/NotFoundPage-lmasBZfS.js",
  "/assets/QuestionList-DK-mnXt0.js",
  "/assets/ReviewPage-QqqfDHq1.js",
  "/assets/SettingsPage-D61UUnOy.js",
  "/assets/SetupPage-i51FRIOf.js",
  "/assets/SeverityMark-BqknZd2s.js",
  "/assets/ShareDialog-GHllx42a.js",
  "/assets/SharedPage-CR9kcqv-.js",
  "/assets/SignInPage-D71ve_oc.js",
  "/assets/TellPage-wjjsUj_c.js",
  "/assets/TurnView-DaJS24jF.js",
  "/assets/csv-DUz_-QjR.js",
  "/assets/dashboards-BJqBZ-gk.js",
  "/assets/dist-CitTZ9e2.js",
  "/assets/dist-DVrpNRhq.js",
  "/assets/es2015-8bhf3s45.js",
  "/assets/exports-B-zrbd3-.js",
  "/assets/figures-DC2Kc6xU.js",
  "/assets/rows-kfZp_4N_.js"
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
