// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-87f76f9d81fe";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-CS4ZYsal.css",
  "/assets/core-CXTGINAx.js",
  "/assets/index-CsWV3LWJ.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-B-BhbAdL.js",
  "/assets/ActionMenu-Cx7iNiul.js",
  "/assets/AdminPage-CLoO1Alw.js",
  "/assets/AlertOffer-Cxup468f.js",
  "/assets/AlertsPage-LWYVMt3S.js",
  "/assets/ChartFigure-BoHb0YrN.js",
  "/assets/Conversation-bkGcdpxt.js",
  "/assets/CopyButton-C1fpsMA0.js",
  "/assets/DashboardPage-BzvntzCJ.js",
  "/assets/DashboardsPage-D3ir9kAO.js",
  "/assets/DataPage-DDyuoJUK.js",
  "/assets/DataPart-nSKEmJ1P.js",
  "/assets/DataTable-CEheEhEn.js",
  "/assets/DigestsPage-D7vYQHEg.js",
  "/assets/Doorway-Dj__LH_9.js",
  "/assets/EventsPage-rg-SbDlZ.js",
  "/assets/Field-BDF82SdB.js",
  "/assets/FirstData-CiNtbDXf.js",
  "/assets/FirstData-kPml8Zjd.js",
  "/assets/HistoryPage-Dfe5qMdj.js",
  "/assets/InboxPage-CKfR-Rqj.js",
  "/assets/Keys-CBT8SQsl.js",
  "/assets/KnowledgePage-CA4jWT-z.js",
  "/assets/LinkPage-Cq_II5yt.js",
  "/assets/LoadsPage-BV34UcII.js",
  "/assets/Menu-D-Yhqs5_.js",
  "/assets/Menu-Dge4D8_7.js",
  "/assets/MetricForm-DUqY_PGc.js",
  "/assets/ModelPage-BGGa9x67.js",
  "/assets/ModelTrial-5qcIjtTZ.js",
  "/assets/News-Bp0OY5LN.js",
  "/assets/NotFoundPage-DsLVXOGo.js",
  "/assets/QuestionList-Dzx3UsYi.js",
  "/assets/RatesPage-CKlZtWnd.js",
  "/assets/ReviewPage-DdYugHIx.js",
  "/assets/Secret-Dm88eFoi.js",
  "/assets/SettingsPage-BaAUns7F.js",
  "/assets/SetupPage-C3R-H4rG.js",
  "/assets/SeverityMark-Ip99y_Jy.js",
  "/assets/ShareDialog-FSiK-g7p.js",
  "/assets/SharedPage-CMOTdnTv.js",
  "/assets/SignInPage-DlC1TAZn.js",
  "/assets/SourcesPage-B1LpCg49.js",
  "/assets/TellPage-BOveawXI.js",
  "/assets/TurnView-D_fhV68Y.js",
  "/assets/Where-BWmX3Kj1.js",
  "/assets/alerts-B20rzQ_C.js",
  "/assets/csv-C5tVcqtl.js",
  "/assets/dashboards-DrXcG-8C.js",
  "/assets/dist-1HEzJlgc.js",
  "/assets/dist-CyQxXMC3.js",
  "/assets/es2015-DarotDMl.js",
  "/assets/exports-CCnmrEK-.js",
  "/assets/figures-Dn2-b6r1.js",
  "/assets/rights-DckfnucP.js",
  "/assets/rows-DMIz1mVZ.js",
  "/assets/upload-DHQ3xgcs.js"
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
