// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-1d81f3bc9162";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-BvdtloYb.js",
  "/assets/core-C0wd-vAk.css",
  "/assets/index-PYdawlaf.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-4VGpasuy.js",
  "/assets/ActionMenu-CRZE55-O.js",
  "/assets/AdminPage-FS4TLgON.js",
  "/assets/AlertsPage-bZxqmk0G.js",
  "/assets/ChartFigure-B6g4HcuW.js",
  "/assets/Conversation-ojWaWLHl.js",
  "/assets/DashboardPage-bnrpJp8K.js",
  "/assets/DashboardsPage-B2SSmPYg.js",
  "/assets/DataPage-DCQYAYaV.js",
  "/assets/DataTable-CwKRP8Iu.js",
  "/assets/DigestsPage-CP_U311l.js",
  "/assets/Doorway-Dke8TDXW.js",
  "/assets/Field-Cwt7jIzi.js",
  "/assets/HistoryPage-Cei5YWM8.js",
  "/assets/InboxPage-nB-77N6B.js",
  "/assets/KnowledgePage-DvSMYRIy.js",
  "/assets/LinkPage-DDrRmjxo.js",
  "/assets/Menu-CaugOuMZ.js",
  "/assets/Menu-DFBOS18H.js",
  "/assets/ModelPage-Bsszj7Ie.js",
  "/assets/NotFoundPage-GgwA6mPJ.js",
  "/assets/QuestionList-DSPJxJ2h.js",
  "/assets/ReviewPage-Bne5tjD7.js",
  "/assets/SettingsPage-OhD_Mwd-.js",
  "/assets/SetupPage-CyGa847B.js",
  "/assets/ShareDialog-CgWgs_zG.js",
  "/assets/SharedPage-CL8eiFCZ.js",
  "/assets/SignInPage-WVWK4Dhx.js",
  "/assets/TellPage-QYJBNB18.js",
  "/assets/TurnView-B46V9uq1.js",
  "/assets/csv-sNAitPNy.js",
  "/assets/dashboards-CC1710au.js",
  "/assets/dist-DgL9042s.js",
  "/assets/dist-DppLzoRS.js",
  "/assets/es2015-CwWn_4Qy.js",
  "/assets/exports-BlSJASiL.js",
  "/assets/figures-E9IFFm5u.js",
  "/assets/rows-DBaOi1UV.js"
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
