// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-3c7b90086a38";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-CS4ZYsal.css",
  "/assets/core-DAShfx_C.js",
  "/assets/index-D4jPuwti.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-f7xv8DaX.js",
  "/assets/ActionMenu-N_x6cpPx.js",
  "/assets/AdminPage-DCxLJhtZ.js",
  "/assets/AlertOffer-B8SWC5YS.js",
  "/assets/AlertsPage-Casv4TfR.js",
  "/assets/ChartFigure-CtqfO0o_.js",
  "/assets/Conversation-Doaq_8ud.js",
  "/assets/CopyButton-B39e0eW_.js",
  "/assets/DashboardPage-D-Qg6ekR.js",
  "/assets/DashboardsPage-BBPQzJEi.js",
  "/assets/DataPage-CyEd3IlN.js",
  "/assets/DataPart-CzaEgdM3.js",
  "/assets/DataTable-v_GOIPVB.js",
  "/assets/DigestsPage-Gmt_fLrg.js",
  "/assets/Doorway-C0cDGJW4.js",
  "/assets/EventsPage-Bs8le78N.js",
  "/assets/Field-DiVob0Gc.js",
  "/assets/FirstData-CntPkcFB.js",
  "/assets/FirstData-KYUeZh6W.js",
  "/assets/HistoryPage-D_x4GhX1.js",
  "/assets/InboxPage-CLUFO4-f.js",
  "/assets/Keys-CH1hlVjC.js",
  "/assets/KnowledgePage-BRMivNcy.js",
  "/assets/LinkPage-Zm4UkeOf.js",
  "/assets/LoadsPage-DBMh9eRP.js",
  "/assets/Menu-Cqaz9amu.js",
  "/assets/Menu-DPxGeB1N.js",
  "/assets/MetricForm-gUX6Mjz3.js",
  "/assets/ModelPage-BenHoA__.js",
  "/assets/ModelTrial-PgjAxMno.js",
  "/assets/News-CC3aDsvZ.js",
  "/assets/NotFoundPage-ZqrQtvkH.js",
  "/assets/QuestionList-BbYGqaGm.js",
  "/assets/RatesPage-Cav1HoPs.js",
  "/assets/ReviewPage-DWfilwX0.js",
  "/assets/Secret-CnenVFmS.js",
  "/assets/SettingsPage-BVN9gDKI.js",
  "/assets/SetupPage-2s-NHu9h.js",
  "/assets/SeverityMark-D4G5S7__.js",
  "/assets/ShareDialog-C4aYt3JS.js",
  "/assets/SharedPage-DV2Q1Ypt.js",
  "/assets/SignInPage-CxI86d15.js",
  "/assets/SourcesPage-C6XiANjH.js",
  "/assets/TellPage-rgr_LA6q.js",
  "/assets/TurnView-BHrMl4t8.js",
  "/assets/Where-B9lwzQXm.js",
  "/assets/alerts-DbqT9Ee-.js",
  "/assets/csv-Bh3zVbnp.js",
  "/assets/dashboards-BFU116W6.js",
  "/assets/dist-CyGtZ0wZ.js",
  "/assets/dist-DShleUEl.js",
  "/assets/es2015-BX9foRb-.js",
  "/assets/exports-BV2Gl-uW.js",
  "/assets/figures-Dn2-b6r1.js",
  "/assets/rights-lrxYVPIh.js",
  "/assets/rows-DMRByN4b.js",
  "/assets/upload-D3wqdmX0.js"
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
