// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-64edcb618be4";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/core-C0wd-vAk.css",
  "/assets/core-gmdUIXjA.js",
  "/assets/index-CthxZmw2.js",
  "/assets/rolldown-runtime-XKyaHtl9.js"
];
const LATER = [
  "/assets/AccountPage-BSTa8W2p.js",
  "/assets/ActionMenu-E2ZvcDB8.js",
  "/assets/AdminPage-Bvki68EK.js",
  "/assets/AlertsPage-C0fgaTxE.js",
  "/assets/ChartFigure-C9PwEQ56.js",
  "/assets/Conversation-qrichmaj.js",
  "/assets/DashboardPage-B7mViAnm.js",
  "/assets/DashboardsPage-a-hewk9u.js",
  "/assets/DataPage-KeBMAO83.js",
  "/assets/DataTable-YrClnJWx.js",
  "/assets/DigestsPage-BBpjixHw.js",
  "/assets/Doorway-BJOLCajv.js",
  "/assets/Field-CeAGjJ1W.js",
  "/assets/HistoryPage-CAN1tSgS.js",
  "/assets/InboxPage-Defb6JfC.js",
  "/assets/KnowledgePage-lEJvaC6J.js",
  "/assets/LinkPage-C3auA1B2.js",
  "/assets/Menu-BkNE1suF.js",
  "/assets/Menu-Btz9Sg6G.js",
  "/assets/ModelPage-BYRCaQAh.js",
  "/assets/NotFoundPage-D-lPr-f7.js",
  "/assets/QuestionList-BSyT90Yw.js",
  "/assets/ReviewPage-BOqzQYBW.js",
  "/assets/SettingsPage-CQqAFzF5.js",
  "/assets/SetupPage-CUmf9XRv.js",
  "/assets/ShareDialog-D5RLkJOa.js",
  "/assets/SharedPage-sHGRNB7o.js",
  "/assets/SignInPage-BxcziYz0.js",
  "/assets/TellPage-Bsfo35AI.js",
  "/assets/TurnView-DS5Ygu5P.js",
  "/assets/csv-Bp9J-gkk.js",
  "/assets/dashboards-CpKCfxLj.js",
  "/assets/dist-CO9XL-g7.js",
  "/assets/dist-Dcfq9j8y.js",
  "/assets/es2015-DrTTdVvX.js",
  "/assets/exports-CFt9VkE9.js",
  "/assets/figures-D-2x3zwG.js",
  "/assets/rows-tfHYsF_X.js"
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
