import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { Shell } from "@/app/Shell";
import { threadStore } from "@/features/chat/threads";
import { ApiError } from "@/lib/api/errors";
import AskPage from "@/pages/AskPage";
import "@/lib/i18n";
import "@/app/app.css";

const DashboardsPage = lazy(() => import("@/pages/DashboardsPage"));
const DashboardPage = lazy(() => import("@/pages/DashboardPage"));
const HistoryPage = lazy(() => import("@/pages/HistoryPage"));
const DataPage = lazy(() => import("@/pages/DataPage"));
const ModelPage = lazy(() => import("@/pages/ModelPage"));
const NotFoundPage = lazy(() => import("@/pages/NotFoundPage"));

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // What a server said no to will not change by asking again; a lost line may.
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status >= 400),
    },
  },
});

threadStore.onRunEnd = () => void client.invalidateQueries({ queryKey: ["threads"] });

const router = createBrowserRouter([
  {
    element: <Shell />,
    children: [
      { path: "/", element: <AskPage /> },
      { path: "/t/:thread", element: <AskPage /> },
      { path: "/dashboards", element: <DashboardsPage /> },
      { path: "/dashboards/:dashboard", element: <DashboardPage /> },
      { path: "/history", element: <HistoryPage /> },
      { path: "/data", element: <DataPage /> },
      { path: "/data/model", element: <ModelPage /> },
      { path: "*", element: <NotFoundPage /> },
    ],
  },
]);

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
