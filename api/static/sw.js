// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-e1f8ba61dc2e";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/ErrorBoundary-DNxM-Hil.js",
  "/assets/PromptBar-CPgzALJi.js",
  "/assets/WorkspaceSwitch-DXpRBmKK.js",
  "/assets/api-CTI_8Mw2.js",
  "/assets/arrow-up-CGHfDcCU.js",
  "/assets/core-Cw6lpTdy.js",
  "/assets/index-BKUSxLTm.js",
  "/assets/index-CEk0-P4X.css",
  "/assets/layout-dashboard-SfxQRKPf.js",
  "/assets/message-circle-plus-BuUZRG6j.js",
  "/assets/message-square-text-Nh56Gvw8.js",
  "/assets/rolldown-runtime-XKyaHtl9.js",
  "/assets/rotate-ccw-clock-BwydYw83.js",
  "/assets/speech-DjLyrG88.js",
  "/assets/threads-BdqGqk03.js",
  "/assets/workspace-CnzvX_zN.js"
];
const LATER = [
  "/assets/AccountPage-CTMEktBE.js",
  "/assets/ActionMenu-CMZYsGz_.js",
  "/assets/AdminPage-CWvAd7Cm.js",
  "/assets/Conversation-COjaes92.js",
  "/assets/DashboardPage-DsAiNL3M.js",
  "/assets/DashboardsPage-BE2_DPPr.js",
  "/assets/DataPage-BCuPp3hU.js",
  "/assets/DataTable-BGBU8nyi.js",
  "/assets/Doorway-m8dhUi3H.js",
  "/assets/Field-Bi7ED4dr.js",
  "/assets/HistoryPage-CHcEgmxw.js",
  "/assets/LinkPage-BQ0U3qAZ.js",
  "/assets/Menu-Bw49SzBc.js",
  "/assets/Menu-DP4rgH7N.js",
  "/assets/ModelPage-yVS1bx8d.js",
  "/assets/NotFoundPage-DU_DlIVs.js",
  "/assets/ReviewPage-CqpxKSfr.js",
  "/assets/SettingsPage-DH94SF8I.js",
  "/assets/SetupPage-BClw6QwZ.js",
  "/assets/ShareDialog-BoHt1koW.js",
  "/assets/SharedPage-DYKP1Y3C.js",
  "/assets/SignInPage-Bk--7tFL.js",
  "/assets/TurnView-DAngsKQf.js",
  "/assets/check-DAbYGxss.js",
  "/assets/circle-check-BihRpasn.js",
  "/assets/csv-h8qgfLzo.js",
  "/assets/dist-CGLiJdhO.js",
  "/assets/dist-D4iP4SMm.js",
  "/assets/es2015-BDMfRO6j.js",
  "/assets/exports-BexfIpau.js",
  "/assets/flask-conical-Bo5yJHXe.js",
  "/assets/link-2-B2_ML9YI.js",
  "/assets/pencil-BnsClw9u.js",
  "/assets/pin-BWRbF_sJ.js",
  "/assets/rows-3-Bg8oFckU.js",
  "/assets/rows-BJAwPWjE.js",
  "/assets/trash-Df2Rh4Gy.js",
  "/assets/x-CzNNzSwc.js"
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
