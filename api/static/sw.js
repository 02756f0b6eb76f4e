// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-2dcc72b5b909";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-9seZsm3-.js",
  "/assets/core-D6PXohD9.css",
  "/assets/index-A7iVCMIW.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-BrfzquyZ.js",
  "/assets/ActionMenu-CtVWsrel.js",
  "/assets/AdminPage-DL4x0VbS.js",
  "/assets/AlertOffer-DIYK2Umg.js",
  "/assets/AlertsPage-Cb0p-oaf.js",
  "/assets/ChartFigure-ebRYlIQ8.js",
  "/assets/Conversation-DVevha9j.js",
  "/assets/CopyButton-Dpd-zSOo.js",
  "/assets/DashboardPage-BUtaNKYH.js",
  "/assets/DashboardsPage-BcM5MFRy.js",
  "/assets/DataPage-Cx1-H2w9.js",
  "/assets/DataPart-BGP3KDCE.js",
  "/assets/DataTable-Ax7MHuas.js",
  "/assets/DigestsPage-B6UoUz67.js",
  "/assets/Doorway-7Q2zgFJa.js",
  "/assets/EventsPage-DFP5yhhm.js",
  "/assets/Field-C9gO902b.js",
  "/assets/HistoryPage-CFnyJzIb.js",
  "/assets/InboxPage-D5WZvPd7.js",
  "/assets/Keys-U6s4SURA.js",
  "/assets/KnowledgePage-B179fFxy.js",
  "/assets/LinkPage-mcidBNnJ.js",
  "/assets/LoadsPage-nw_WkPL3.js",
  "/assets/Menu-1XQKlOeI.js",
  "/assets/Menu-bDZmRLkR.js",
  "/assets/ModelPage-D0md-arD.js",
  "/assets/News-KLUI-qVM.js",
  "/assets/NotFoundPage-xvezMy08.js",
  "/assets/QuestionList-Uie9Yl7i.js",
  "/assets/RatesPage-COyOGqyL.js",
  "/assets/ReviewPage-BVq1raBU.js",
  "/assets/Secret-CNaAZkk0.js",
  "/assets/SettingsPage-CvXueuHm.js",
  "/assets/SetupPage-3cmKojkn.js",
  "/assets/SeverityMark-CiqH1uBC.js",
  "/assets/ShareDialog-BNd348hD.js",
  "/assets/SharedPage-CIJto6sR.js",
  "/assets/SignInPage-BDGm3w-p.js",
  "/assets/SourcesPage-BmNWLr3e.js",
  "/assets/TellPage-CtE8i2EX.js",
  "/assets/TurnView-Dkv6Y8WN.js",
  "/assets/Where-C3P0QKio.js",
  "/assets/alerts-BJAiadnG.js",
  "/assets/csv-Bq0vdhyq.js",
  "/assets/dashboards-JdvUoKZn.js",
  "/assets/dist-BBtPyXXT.js",
  "/assets/dist-BLSmhrgU.js",
  "/assets/es2015-D7Mbdlos.js",
  "/assets/exports-oTN_iCGt.js",
  "/assets/rights-XagucUd3.js",
  "/assets/rows-BYp1Q9K5.js",
  "/assets/upload-CDKeUU6L.js"
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
