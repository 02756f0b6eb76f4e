import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, startTransition, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { Shell } from "@/app/Shell";
import { threadStore } from "@/features/chat/threads";
import { Gate } from "@/features/people/Gate";
import { ApiError } from "@/lib/api/errors";
import { getJson } from "@/lib/api/http";
import { languageReady } from "@/lib/i18n";
import { installLater } from "@/lib/worker";
import AskPage from "@/pages/AskPage";
import "@/app/app.css";

const DashboardsPage = lazy(() => import("@/pages/DashboardsPage"));
const DashboardPage = lazy(() => import("@/pages/DashboardPage"));
const InboxPage = lazy(() => import("@/pages/InboxPage"));
const DigestsPage = lazy(() => import("@/pages/DigestsPage"));
const AlertsPage = lazy(() => import("@/pages/AlertsPage"));
const HistoryPage = lazy(() => import("@/pages/HistoryPage"));
const DataPage = lazy(() => import("@/pages/DataPage"));
const SourcesPage = lazy(() => import("@/pages/SourcesPage"));
const EventsPage = lazy(() => import("@/pages/EventsPage"));
const LoadsPage = lazy(() => import("@/pages/LoadsPage"));
const RatesPage = lazy(() => import("@/pages/RatesPage"));
const ModelPage = lazy(() => import("@/pages/ModelPage"));
const SettingsPage = lazy(() => import("@/pages/SettingsPage"));
const SharedPage = lazy(() => import("@/pages/SharedPage"));
const KnowledgePage = lazy(() => import("@/pages/KnowledgePage"));
const ReviewPage = lazy(() => import("@/pages/ReviewPage"));
const SignInPage = lazy(() => import("@/pages/SignInPage"));
const SetupPage = lazy(() => import("@/pages/SetupPage"));
const LinkPage = lazy(() => import("@/pages/LinkPage"));
const AdminPage = lazy(() => import("@/pages/AdminPage"));
const AccountPage = lazy(() => import("@/pages/AccountPage"));
const NotFoundPage = lazy(() => import("@/pages/NotFoundPage"));

const client = new QueryClient({
  defaultOptions: {
    mutations: { networkMode: "always" },
    queries: {
      staleTime: 10_000,
      // Without a network what was kept is read: the request decides, not the browser's guess.
      networkMode: "always",
      // What a server said no to will not change by asking again; a lost line may.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400),
    },
  },
});

const SETTLED_MS = 1500;

threadStore.onRunEnd = (thread) => {
  void client.invalidateQueries({ queryKey: ["threads"] });
  // What has just been answered is what will be wanted without a network: reading it once keeps it.
  setTimeout(() => void getJson(`/v1/threads/${encodeURIComponent(thread)}`).catch(() => undefined), SETTLED_MS);
};

const router = createBrowserRouter([
  {
    element: <Gate><Shell /></Gate>,
    children: [
      { path: "/", element: <AskPage /> },
      { path: "/t/:thread", element: <AskPage /> },
      { path: "/dashboards", element: <DashboardsPage /> },
      { path: "/dashboards/:dashboard", element: <DashboardPage /> },
      { path: "/inbox", element: <InboxPage /> },
      { path: "/inbox/:message", element: <InboxPage /> },
      { path: "/digests", element: <DigestsPage /> },
      { path: "/alerts", element: <AlertsPage /> },
      { path: "/history", element: <HistoryPage /> },
      { path: "/data", element: <DataPage /> },
      { path: "/data/sources", element: <SourcesPage /> },
      { path: "/data/events", element: <EventsPage /> },
      { path: "/data/loads", element: <LoadsPage /> },
      { path: "/data/rates", element: <RatesPage /> },
      { path: "/data/model", element: <ModelPage /> },
      { path: "/data/knowledge", element: <KnowledgePage /> },
      { path: "/data/review", element: <ReviewPage /> },
      { path: "/s/:share", element: <SharedPage /> },
      { path: "/settings", element: <SettingsPage /> },
      { path: "/admin", element: <AdminPage /> },
      { path: "/admin/:part", element: <AdminPage /> },
      { path: "/account", element: <AccountPage /> },
      { path: "*", element: <NotFoundPage /> },
    ],
  },
  { path: "/sign-in", element: <Suspense><SignInPage /></Suspense> },
  { path: "/setup", element: <Suspense><SetupPage /></Suspense> },
  { path: "/invitation", element: <Suspense><LinkPage kind="invitation" /></Suspense> },
  { path: "/password", element: <Suspense><LinkPage kind="password" /></Suspense> },
]);

const root = document.getElementById("root");
if (root) {
  await languageReady();
  const page = (
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>
  );
  // Drawn in slices: on a slow chip the first picture takes long enough that keys and touches would wait for it.
  startTransition(() => createRoot(root).render(page));
}
installLater();
