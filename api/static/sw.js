// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-41e4816405a6";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/Empty-B4Gw0IKt.js",
  "/assets/ErrorBoundary-BlpnHfEm.js",
  "/assets/Failure-nbWNnpjI.js",
  "/assets/PromptBar-BHVVcdXR.js",
  "/assets/Skeleton-Dm8HG4aZ.js",
  "/assets/WorkspaceSwitch-CueHtTdu.js",
  "/assets/answers-BZiPy7uW.js",
  "/assets/chunk-6KYCQHYJ-Baz6oXLv.js",
  "/assets/cx-DaQVej2c.js",
  "/assets/hooks-B_5ntkdy.js",
  "/assets/i18nInstance-GKjqojXJ.js",
  "/assets/index-CRX8xeZi.css",
  "/assets/index-Pqq6-b-v.js",
  "/assets/jsx-runtime-Wy9s6hX0.js",
  "/assets/layout-dashboard-CS39HFSh.js",
  "/assets/locale-BQS2d32A.js",
  "/assets/message-circle-plus-MsnhBkC1.js",
  "/assets/message-square-text-CcEQyQ19.js",
  "/assets/misc-BA9sb2x4.js",
  "/assets/react-dom-g7hNCJoM.js",
  "/assets/rotate-ccw-clock-CCaEdskl.js",
  "/assets/speech-BK6WXFgQ.js",
  "/assets/storage-CsbE1-MF.js",
  "/assets/threads-BbruD4sM.js",
  "/assets/title-CyZYQmfq.js",
  "/assets/useTranslation-DGei7Squ.js",
  "/assets/view-CuHX7UFN.js",
  "/assets/workspace-FEGwJyMy.js"
];
const LATER = [
  "/assets/ActionMenu-CC8x7d_w.js",
  "/assets/Conversation-fS50YydD.js",
  "/assets/DashboardPage-DI_VV2A2.js",
  "/assets/DashboardsPage-DIG_WrJG.js",
  "/assets/DataPage-BgzoWr8N.js",
  "/assets/DataTable-CVw7B4Rw.js",
  "/assets/HistoryPage-3JMOkpkT.js",
  "/assets/Menu--EQ1wZaV.js",
  "/assets/Menu-DmB_lEtn.js",
  "/assets/ModelPage-DC1pc_qH.js",
  "/assets/NotFoundPage-BeT-sUgs.js",
  "/assets/Page-BVPiCjRD.js",
  "/assets/RenameField-DUxv2Suq.js",
  "/assets/ReviewPage-Yy7Qkumr.js",
  "/assets/SettingsPage-C37m3twJ.js",
  "/assets/ShareDialog-DhjTmWOM.js",
  "/assets/SharedPage-DMBlzu9n.js",
  "/assets/TurnView-3KM-HCyP.js",
  "/assets/cell-B5-riOxb.js",
  "/assets/check-DnTwcBqI.js",
  "/assets/circle-check-sUcNKdXI.js",
  "/assets/csv-DnA41Hjy.js",
  "/assets/dashboards-KLgLntc4.js",
  "/assets/data-BE3dp0wr.js",
  "/assets/dist-CCH09rC7.js",
  "/assets/dist-DIuwD46F.js",
  "/assets/es2015-jBL2bUV8.js",
  "/assets/exports-B6KkJ4QV.js",
  "/assets/flask-conical-BSUL2pZM.js",
  "/assets/link-2-C-VWTapH.js",
  "/assets/model-BTmrDsTH.js",
  "/assets/pencil-Cf4FZAoq.js",
  "/assets/pin-Rt9uwT-M.js",
  "/assets/rows-B9Kwm-6b.js",
  "/assets/system-DmuNUhAs.js",
  "/assets/theme-FLJgyLIK.js",
  "/assets/x-Dl3OnWOO.js"
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
