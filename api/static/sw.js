// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-41df5b1d28db";
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
  "/assets/PromptBar-Dy7dqzu_.js",
  "/assets/Skeleton-Dm8HG4aZ.js",
  "/assets/WorkspaceSwitch-DxRgHu3P.js",
  "/assets/answers-BZiPy7uW.js",
  "/assets/api-CDRevDoZ.js",
  "/assets/chunk-6KYCQHYJ-Ch1mRMtM.js",
  "/assets/cx-DaQVej2c.js",
  "/assets/hooks-B_5ntkdy.js",
  "/assets/i18nInstance-GKjqojXJ.js",
  "/assets/index-2ZrgoZGX.js",
  "/assets/index-CYdei4S0.css",
  "/assets/jsx-runtime-Wy9s6hX0.js",
  "/assets/layout-dashboard-CS39HFSh.js",
  "/assets/locale-DwLN_PIe.js",
  "/assets/message-circle-plus-MsnhBkC1.js",
  "/assets/message-square-text-CcEQyQ19.js",
  "/assets/misc-Cc5B4nOp.js",
  "/assets/react-dom-g7hNCJoM.js",
  "/assets/rotate-ccw-clock-CCaEdskl.js",
  "/assets/speech-V-Yz94Y2.js",
  "/assets/storage-CsbE1-MF.js",
  "/assets/threads-hdVGoE0Z.js",
  "/assets/title-CyZYQmfq.js",
  "/assets/useTranslation-DGei7Squ.js",
  "/assets/view-CuHX7UFN.js",
  "/assets/workspace-FEGwJyMy.js"
];
const LATER = [
  "/assets/AccountPage-4Y5eFWS3.js",
  "/assets/ActionMenu-CC8x7d_w.js",
  "/assets/AdminPage-mX_Of4hd.js",
  "/assets/Conversation-Dr8mojWz.js",
  "/assets/DashboardPage-T01I71zc.js",
  "/assets/DashboardsPage-uvTCrjOG.js",
  "/assets/DataPage-BbcVa344.js",
  "/assets/DataTable-vJ6wT095.js",
  "/assets/Doorway-DY5ku0Md.js",
  "/assets/Field-BlEW24hY.js",
  "/assets/HistoryPage-CN3Gd4rF.js",
  "/assets/LinkPage-DdunqzvY.js",
  "/assets/Menu--EQ1wZaV.js",
  "/assets/Menu-DmB_lEtn.js",
  "/assets/ModelPage-QFKP3dc0.js",
  "/assets/NotFoundPage-DhDFkgMy.js",
  "/assets/Page-BVPiCjRD.js",
  "/assets/RenameField-DUxv2Suq.js",
  "/assets/ReviewPage-BTKOErmq.js",
  "/assets/SettingsPage-CZ__NK6Z.js",
  "/assets/SetupPage-BDBe55M7.js",
  "/assets/ShareDialog-DhjTmWOM.js",
  "/assets/SharedPage-DJv9e2Vu.js",
  "/assets/SignInPage-BULKYRY7.js",
  "/assets/TurnView-CEUSX8tD.js",
  "/assets/cell-BjVqXHIn.js",
  "/assets/check-DnTwcBqI.js",
  "/assets/circle-check-sUcNKdXI.js",
  "/assets/csv-DrvRbhB4.js",
  "/assets/dashboards-KLgLntc4.js",
  "/assets/data-BE3dp0wr.js",
  "/assets/dist-CCH09rC7.js",
  "/assets/dist-DIuwD46F.js",
  "/assets/es2015-jBL2bUV8.js",
  "/assets/exports-Dwww44P5.js",
  "/assets/flask-conical-BSUL2pZM.js",
  "/assets/link-2-C-VWTapH.js",
  "/assets/model-BTmrDsTH.js",
  "/assets/pencil-Cf4FZAoq.js",
  "/assets/pin-Rt9uwT-M.js",
  "/assets/rows-Bq5hBNW6.js",
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
