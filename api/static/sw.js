// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-393c5d21b245";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-B5rcfU6A.css",
  "/assets/core-Ds_JSkUD.js",
  "/assets/index-CsUTj6Zf.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-Ca-NcMXa.js",
  "/assets/ActionMenu-CJAUDKVD.js",
  "/assets/AdminPage-Bmli7SyX.js",
  "/assets/AlertOffer-CYO6qcSB.js",
  "/assets/AlertsPage-BVM0kYCj.js",
  "/assets/ChartFigure-CxCXTrib.js",
  "/assets/Conversation-BY2ymIz5.js",
  "/assets/CopyButton-F8Si7J9J.js",
  "/assets/DashboardPage-6MHIKwi4.js",
  "/assets/DashboardsPage-CtY6saD3.js",
  "/assets/DataPage-BW60c5Qp.js",
  "/assets/DataPart-BsvpJgQA.js",
  "/assets/DataTable-DKgQlDuM.js",
  "/assets/DigestsPage-BRjaJSoT.js",
  "/assets/Doorway-4PLPf58s.js",
  "/assets/EventsPage--oeWhDr4.js",
  "/assets/Field-C7YJchA8.js",
  "/assets/FirstData-CiledTuA.js",
  "/assets/FirstData-VgJfR7PU.js",
  "/assets/HistoryPage-CyxF6dtG.js",
  "/assets/InboxPage-Brq2WXnd.js",
  "/assets/Keys-C9dLsKK5.js",
  "/assets/KnowledgePage-DvMcm27r.js",
  "/assets/LinkPage-BX3jFvBt.js",
  "/assets/LoadsPage-D143RDJD.js",
  "/assets/Menu-BQsNInrm.js",
  "/assets/Menu-C3dtDcOM.js",
  "/assets/ModelPage-B_Yw_U9w.js",
  "/assets/News-D0aUMD4b.js",
  "/assets/NotFoundPage-B3WKKavQ.js",
  "/assets/QuestionList-DaaxhBUz.js",
  "/assets/RatesPage-zPipA8NR.js",
  "/assets/ReviewPage-CCLJ6ZLn.js",
  "/assets/Secret-C3P90AXi.js",
  "/assets/SettingsPage-84J2wbus.js",
  "/assets/SetupPage-CkHHJNI_.js",
  "/assets/SeverityMark-DzdBhZZI.js",
  "/assets/ShareDialog-BvWSrPz2.js",
  "/assets/SharedPage-Cp6FcvAd.js",
  "/assets/SignInPage-aNyfhh6A.js",
  "/assets/SourcesPage-DBjhQYVE.js",
  "/assets/TellPage-CdltkSeK.js",
  "/assets/TurnView-B8s7lbEK.js",
  "/assets/Where-BXAuu6Y5.js",
  "/assets/alerts-IDiuUSuU.js",
  "/assets/csv-mK89puN6.js",
  "/assets/dashboards-DDFfBGnP.js",
  "/assets/dist-BdcykOgy.js",
  "/assets/dist-C574Ivfl.js",
  "/assets/es2015-_wMRjFw_.js",
  "/assets/exports-BaU2syZ8.js",
  "/assets/rights-DQrS1p9z.js",
  "/assets/rows-APfhWWYb.js",
  "/assets/upload-DXWk5c-X.js"
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
