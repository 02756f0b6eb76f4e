// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-7faf4a202c7f";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/Empty-B4Gw0IKt.js",
  "/assets/ErrorBoundary-GWjww7Ft.js",
  "/assets/Failure-B-eIv0ff.js",
  "/assets/PromptBar-9oRXzyrE.js",
  "/assets/Skeleton-Dm8HG4aZ.js",
  "/assets/WorkspaceSwitch-xEmE-MYI.js",
  "/assets/answers-DaU45VDU.js",
  "/assets/chunk-6KYCQHYJ-Baz6oXLv.js",
  "/assets/cx-DaQVej2c.js",
  "/assets/hooks-B_5ntkdy.js",
  "/assets/i18nInstance-GKjqojXJ.js",
  "/assets/index-XgFrBo3L.js",
  "/assets/index-q9m-CrcX.css",
  "/assets/jsx-runtime-Wy9s6hX0.js",
  "/assets/layout-dashboard-CS39HFSh.js",
  "/assets/locale-CKZHMDKO.js",
  "/assets/message-circle-plus-MsnhBkC1.js",
  "/assets/message-square-text-CcEQyQ19.js",
  "/assets/misc-D51lKnvj.js",
  "/assets/react-dom-g7hNCJoM.js",
  "/assets/rotate-ccw-clock-CCaEdskl.js",
  "/assets/speech-DIWtEu0e.js",
  "/assets/storage-CsbE1-MF.js",
  "/assets/threads-CPRbJgYx.js",
  "/assets/title-CyZYQmfq.js",
  "/assets/useMutation-oKbRwTvI.js",
  "/assets/useTranslation-DGei7Squ.js",
  "/assets/view-CuHX7UFN.js",
  "/assets/workspace-Tx7fO0Ka.js"
];
const LATER = [
  "/assets/ActionMenu-CC8x7d_w.js",
  "/assets/Conversation-B18tyDQ1.js",
  "/assets/DashboardPage-rKszodDg.js",
  "/assets/DashboardsPage-DCkaoxeH.js",
  "/assets/DataPage-C0wyNDeM.js",
  "/assets/DataTable-BLUO6nJK.js",
  "/assets/HistoryPage-j-T2rhX7.js",
  "/assets/Menu--EQ1wZaV.js",
  "/assets/Menu-DmB_lEtn.js",
  "/assets/ModelPage-_zBHOpZh.js",
  "/assets/NotFoundPage-BeT-sUgs.js",
  "/assets/Page-BVPiCjRD.js",
  "/assets/RenameField-D0mVRfsu.js",
  "/assets/ReviewPage-D6hvRKIn.js",
  "/assets/SettingsPage-a58aAoG1.js",
  "/assets/ShareDialog-DgYlCKXB.js",
  "/assets/SharedPage-CuloK9qd.js",
  "/assets/TurnView-DmP0G-s4.js",
  "/assets/cell-CRawy-he.js",
  "/assets/check-DnTwcBqI.js",
  "/assets/circle-check-sUcNKdXI.js",
  "/assets/csv-TGLbTXjV.js",
  "/assets/dashboards-DX6s4E55.js",
  "/assets/data-CSRwT3JZ.js",
  "/assets/dist-CCH09rC7.js",
  "/assets/dist-DIuwD46F.js",
  "/assets/es2015-jBL2bUV8.js",
  "/assets/exports-pfJfaBsg.js",
  "/assets/link-2-C-VWTapH.js",
  "/assets/model-zn0yHEY0.js",
  "/assets/pencil-Cf4FZAoq.js",
  "/assets/pin-Rt9uwT-M.js",
  "/assets/rows-gCKDw2nx.js",
  "/assets/system-BTG5dI53.js",
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
