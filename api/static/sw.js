// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-e8f30caccf64";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-B65BzfKU.css",
  "/assets/core-CkzCFkE0.js",
  "/assets/index-DQPrALzs.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-DUrPBYwD.js",
  "/assets/ActionMenu-B3DwU3RX.js",
  "/assets/AdminPage-E1Lo174d.js",
  "/assets/AlertsPage-CTqUK0hf.js",
  "/assets/ChartFigure-Byurpj9G.js",
  "/assets/Conversation-C_hEMSFd.js",
  "/assets/DashboardPage-DkoytEsf.js",
  "/assets/DashboardsPage-DcraKm3M.js",
  "/assets/DataPage-Cmg6eimI.js",
  "/assets/DataTable-D61UC5Xm.js",
  "/assets/DigestsPage-CPkliQE_.js",
  "/assets/Doorway-CvJQKVCS.js",
  "/assets/Field-DC76vXeJ.js",
  "/assets/HistoryPage-CHc_ZJvL.js",
  "/assets/InboxPage-Cku_Rlh-.js",
  "/assets/KnowledgePage-DhaRrIEo.js",
  "/assets/LinkPage-D8Jvr0XZ.js",
  "/assets/Menu-CYYO6Ir2.js",
  "/assets/Menu-DJc5_v7f.js",
  "/assets/ModelPage-CyBF2bET.js",
  "/assets/News-k13RxJIE.js",
  "/assets/NotFoundPage-BapJvJbP.js",
  "/assets/QuestionList-Cm28LplG.js",
  "/assets/ReviewPage-BDQSCKzG.js",
  "/assets/SettingsPage-DRWWmxh9.js",
  "/assets/SetupPage-CDP6EFyQ.js",
  "/assets/SeverityMark-yS-Hhypk.js",
  "/assets/ShareDialog-6Sbwz3-h.js",
  "/assets/SharedPage-BDX2ha1b.js",
  "/assets/SignInPage-KHIuZVQG.js",
  "/assets/TellPage-C9kmhN__.js",
  "/assets/TurnView-DC9mDuQS.js",
  "/assets/csv-Dh_rJkC6.js",
  "/assets/dashboards-D6jUYNY7.js",
  "/assets/dist-BO50PQol.js",
  "/assets/dist-Bo7sbcKP.js",
  "/assets/es2015-DyXpZvGB.js",
  "/assets/exports-B_vCxk9t.js",
  "/assets/figures-B-Y8WkuR.js",
  "/assets/rows-BHHzcLrq.js"
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
