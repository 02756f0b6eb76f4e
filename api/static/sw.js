// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-90a72b141f92";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-CS4ZYsal.css",
  "/assets/core-D8WvT_Is.js",
  "/assets/index-f_KZcaAB.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-CSNVhStc.js",
  "/assets/ActionMenu-DDj9rFfT.js",
  "/assets/AdminPage-56mUQVmx.js",
  "/assets/AlertOffer-CC878O9E.js",
  "/assets/AlertsPage-B2IFEdWw.js",
  "/assets/ChartFigure-DuWtNILl.js",
  "/assets/Conversation-BqxPSXtt.js",
  "/assets/CopyButton-BqOVstvF.js",
  "/assets/DashboardPage-DZ1bkiYD.js",
  "/assets/DashboardsPage-DxaLygEF.js",
  "/assets/DataPage-BlvJyMag.js",
  "/assets/DataPart-DYbpmu4q.js",
  "/assets/DataTable-C5eS2ftN.js",
  "/assets/DigestsPage-DnY21ZWn.js",
  "/assets/Doorway-CJ5l35Y3.js",
  "/assets/EventsPage-d_6qBm6M.js",
  "/assets/Field-CB9SKNSK.js",
  "/assets/FirstData-Cc8wg2eL.js",
  "/assets/FirstData-rgcKGD5y.js",
  "/assets/HistoryPage-B24V3Emm.js",
  "/assets/InboxPage-BJEDAb8-.js",
  "/assets/Keys-XvsYEqgn.js",
  "/assets/KnowledgePage-CvLg-iYf.js",
  "/assets/LinkPage-BFqvJO-x.js",
  "/assets/LoadsPage-xiO8e_1b.js",
  "/assets/Menu-Dw0w8PMp.js",
  "/assets/Menu-H0Y7pMAG.js",
  "/assets/MetricForm-BVfbpY8R.js",
  "/assets/ModelPage-zmmB9mmg.js",
  "/assets/News-BtiqX1zO.js",
  "/assets/NotFoundPage-CJasEFhE.js",
  "/assets/QuestionList-CBidUVcc.js",
  "/assets/RatesPage-DnClKeRj.js",
  "/assets/ReviewPage-BLMKDsAt.js",
  "/assets/Secret-Bv3wOUP7.js",
  "/assets/SettingsPage-DyN56mnQ.js",
  "/assets/SetupPage-Dv37k1d5.js",
  "/assets/SeverityMark-B7sLfZTq.js",
  "/assets/ShareDialog-CoJZnu6r.js",
  "/assets/SharedPage-BhTHaZ4D.js",
  "/assets/SignInPage-B9vv0YdL.js",
  "/assets/SourcesPage-DsqY8N5y.js",
  "/assets/TellPage-DWsOar3u.js",
  "/assets/TurnView-Bzhs6_6Z.js",
  "/assets/Where-td-MtcTk.js",
  "/assets/alerts-CHobfg8j.js",
  "/assets/csv-BfjhYV53.js",
  "/assets/dashboards-CTs5jBny.js",
  "/assets/dist-C61CeIXi.js",
  "/assets/dist-Du6PAHNM.js",
  "/assets/es2015-29u6jQKm.js",
  "/assets/exports-DGugSBG7.js",
  "/assets/figures-Dn2-b6r1.js",
  "/assets/rights-Cis2SkwO.js",
  "/assets/rows-BckeHz9Q.js",
  "/assets/upload-DFO9L-mK.js"
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
