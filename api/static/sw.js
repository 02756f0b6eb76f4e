// Keeps the page itself at hand without a network. Answers are kept by the page, never here: nothing under /v1 is touched.
const CACHE = "plainsay-page-4b031aef82b2";
/** What the first page needs, then the other pages; charts and languages are kept when first used. */
const SHELL = [
  "/",
  "/icon-192.png",
  "/icon-512.png",
  "/icon.svg",
  "/manifest.webmanifest",
  "/theme-init.js",
  "/assets/ErrorBoundary-i1HmwWOI.js",
  "/assets/PromptBar-b7uZLWef.js",
  "/assets/WorkspaceSwitch-DxSD7DgZ.js",
  "/assets/api-DQg_gRgx.js",
  "/assets/arrow-up-CKlEOETg.js",
  "/assets/core-CucyijmR.js",
  "/assets/index-BzDkiEUD.js",
  "/assets/index-PIA2W34V.css",
  "/assets/layout-dashboard-C4XFdlTj.js",
  "/assets/message-circle-plus-Bvfwgr31.js",
  "/assets/message-square-text-B5h1Jv7e.js",
  "/assets/rolldown-runtime-XKyaHtl9.js",
  "/assets/rotate-ccw-clock-BTaA_kUN.js",
  "/assets/speech-DBv0clPB.js",
  "/assets/threads-BspD1UaN.js",
  "/assets/workspace-Dwcd3E0k.js"
];
const LATER = [
  "/assets/AccountPage-Cn1xoHC_.js",
  "/assets/ActionMenu-Cr9AXaIE.js",
  "/assets/AdminPage-BaaFXYBb.js",
  "/assets/Conversation-EKTb01U6.js",
  "/assets/DashboardPage-DC3NT1_X.js",
  "/assets/DashboardsPage-Bb-Tifd1.js",
  "/assets/DataPage-CvjJdHZs.js",
  "/assets/DataTable-DjHgVPW3.js",
  "/assets/Doorway-vPLmBYK8.js",
  "/assets/Field-CyzHP9mt.js",
  "/assets/HistoryPage-C8mWB5sB.js",
  "/assets/KnowledgePage-DGWrK0Io.js",
  "/assets/LinkPage-ST6Fz3Be.js",
  "/assets/Menu-CYJUTKAT.js",
  "/assets/Menu-YrmK9C_D.js",
  "/assets/ModelPage-C8NsQU76.js",
  "/assets/NotFoundPage-DiY0dElb.js",
  "/assets/ReviewPage-DpB6O27v.js",
  "/assets/SettingsPage-fZc6eyO1.js",
  "/assets/SetupPage-Ch4uugsu.js",
  "/assets/ShareDialog-Cwy_HTyj.js",
  "/assets/SharedPage-x7hamXWA.js",
  "/assets/SignInPage-CgF-Rn00.js",
  "/assets/TurnView-BLNISl_A.js",
  "/assets/check-D4GKmdQm.js",
  "/assets/circle-check-DK9y1WzF.js",
  "/assets/csv-BBL-oZpp.js",
  "/assets/dist-D-ImelPi.js",
  "/assets/dist-kd0FjjhZ.js",
  "/assets/es2015-Cp_Y6uHK.js",
  "/assets/exports-8kdZutkU.js",
  "/assets/flask-conical-CINVsD-R.js",
  "/assets/link-2-EVc7vRoh.js",
  "/assets/pencil-C8EQTZ_Q.js",
  "/assets/pin-DiHBDYAp.js",
  "/assets/rows-3-o5QaBTJT.js",
  "/assets/rows-DZ8B9NID.js",
  "/assets/trash-7VXSf-iy.js",
  "/assets/upload-BSWB7A51.js",
  "/assets/x-C6Q4QCPa.js"
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
