// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-ab6770f07595";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-BcMiMsQM.css",
  "/assets/core-DS1e7L8d.js",
  "/assets/index-CynObGuN.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-lEIvvs6G.js",
  "/assets/ActionMenu-Dy3gWvP-.js",
  "/assets/AdminPage-BcJ1Ce9M.js",
  "/assets/AlertsPage-B1xKl56m.js",
  "/assets/ChartFigure-R2SpsWEb.js",
  "/assets/Conversation-BGtPPAJY.js",
  "/assets/DashboardPage-BIp9QBM2.js",
  "/assets/DashboardsPage-Bk0qvD_a.js",
  "/assets/DataPage-Dsh9R0Ga.js",
  "/assets/DataTable-nVI3HKP6.js",
  "/assets/DigestsPage-CqEeDgMv.js",
  "/assets/Doorway-DWzsUZ6E.js",
  "/assets/Field-CJDRmU0H.js",
  "/assets/HistoryPage-D_Glbcn4.js",
  "/assets/InboxPage-D72eHorW.js",
  "/assets/KnowledgePage-pE5XmWo1.js",
  "/assets/LinkPage-C77ehmbP.js",
  "/assets/Menu-BPw4ydPN.js",
  "/assets/Menu-J3lYCtfZ.js",
  "/assets/ModelPage-O5dzPVGw.js",
  "/assets/News-C8x7Lrc7.js",
  "/assets/NotFoundPage-R7xYhaQ2.js",
  "/assets/QuestionList-B18CX_2F.js",
  "/assets/ReviewPage-B8lChsfV.js",
  "/assets/SettingsPage-yVIu172o.js",
  "/assets/SetupPage-CWkYBGxK.js",
  "/assets/SeverityMark-CLgOo3ub.js",
  "/assets/ShareDialog-DjzkRP_e.js",
  "/assets/SharedPage-C78AfU0q.js",
  "/assets/SignInPage-DuF04D3F.js",
  "/assets/TellPage-KKEl8R12.js",
  "/assets/TurnView-294PTGyM.js",
  "/assets/csv-BAGxoGEo.js",
  "/assets/dashboards-b6fuvzcH.js",
  "/assets/dist-CO8vymY2.js",
  "/assets/dist-Hw42N6mh.js",
  "/assets/es2015-naAB3Z57.js",
  "/assets/exports-C3_PwFnK.js",
  "/assets/figures-BwJPXdQV.js",
  "/assets/rows-mOImzSiF.js"
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
