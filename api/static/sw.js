// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-bb155345a087";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/ErrorBoundary-DIutovHU.js",
  "/assets/PromptBar-DRgOP9d9.js",
  "/assets/WorkspaceSwitch-D1nZqkgm.js",
  "/assets/api-BJ-xjZfC.js",
  "/assets/arrow-up-BZQw_ByI.js",
  "/assets/chart-column-Llg-FjeN.js",
  "/assets/circle-dot-B5qooTa5.js",
  "/assets/core-CpMUnlJ8.js",
  "/assets/eye--bXQ3Z44.js",
  "/assets/index-C0wd-vAk.css",
  "/assets/index-Dbka8M0q.js",
  "/assets/layout-dashboard-BCwQhXv4.js",
  "/assets/message-circle-plus--ud5cWtt.js",
  "/assets/message-square-text-CiM1LsXa.js",
  "/assets/rolldown-runtime-XKyaHtl9.js",
  "/assets/rotate-ccw-clock-alZc40pC.js",
  "/assets/speech-CAF5-O17.js",
  "/assets/threads-BTqbptz4.js",
  "/assets/workspace-Db6vFQQz.js"
];
const LATER = [
  "/assets/AccountPage-BJxAA1GF.js",
  "/assets/ActionMenu-Brsi6XvS.js",
  "/assets/AdminPage-D5sLNzYd.js",
  "/assets/AlertsPage-CDgoU-86.js",
  "/assets/ChartFigure-tBiOhtN9.js",
  "/assets/Conversation-BePUEZVg.js",
  "/assets/DashboardPage-Cbymf-98.js",
  "/assets/DashboardsPage-CjXovLIk.js",
  "/assets/DataPage-CylUm9Mt.js",
  "/assets/DataTable-CEBx2--p.js",
  "/assets/DigestsPage-DSD47KO9.js",
  "/assets/Doorway-BN6X85A7.js",
  "/assets/Field-DvoQ_Q6U.js",
  "/assets/HistoryPage-BylHIOLh.js",
  "/assets/InboxPage-BUkYBH4c.js",
  "/assets/KnowledgePage-CyH31ZMW.js",
  "/assets/LinkPage-BY5MPqU0.js",
  "/assets/Menu-BHWLue_X.js",
  "/assets/Menu-CYYvEpJ0.js",
  "/assets/ModelPage-wWYf0SH0.js",
  "/assets/NotFoundPage-Cubm21mu.js",
  "/assets/QuestionList-DBPIej_o.js",
  "/assets/ReviewPage-B0VBYpr8.js",
  "/assets/SettingsPage-BO9WkffX.js",
  "/assets/SetupPage-lvXGp2mf.js",
  "/assets/ShareDialog-BEByEJbD.js",
  "/assets/SharedPage-BYWaORR3.js",
  "/assets/SignInPage-BAMD0NUW.js",
  "/assets/TellPage-Y510Wm9V.js",
  "/assets/TurnView-BZ3Z3vVj.js",
  "/assets/check-CLZgGznn.js",
  "/assets/circle-check-CmmUR33W.js",
  "/assets/csv-DHb95F4V.js",
  "/assets/dist-D143htMw.js",
  "/assets/dist-DaquWd3O.js",
  "/assets/es2015-CzMtaFb0.js",
  "/assets/exports-CE37dHhC.js",
  "/assets/figures-Z_x69_pa.js",
  "/assets/flask-conical-DDTfXSUL.js",
  "/assets/link-2-CXFcnfcm.js",
  "/assets/pencil-BJTKp7Tp.js",
  "/assets/pin-ZNLf8y2y.js",
  "/assets/rows-3-CdUFiW1w.js",
  "/assets/rows-BXlR1QD1.js",
  "/assets/trash-BEi5Rthg.js",
  "/assets/upload-BOKm2cuW.js",
  "/assets/x-pM75FY9m.js"
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
