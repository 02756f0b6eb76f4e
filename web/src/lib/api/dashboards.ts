// Dashboards by TanStack Query: the page and each card's answer are resources of their own.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Answer } from "@/gen/wire";
import type { View } from "@/features/dashboards/view";
import { getJson, patch, post, remove } from "./http";
import type { CardView, Dashboard, DashboardSummary } from "./types";

const FRESH_MS = 60_000;
const REFRESH_MS = 300_000;

const at = (id: string) => `/v1/dashboards/${encodeURIComponent(id)}`;
const cardAt = (id: string, card: string) => `${at(id)}/cards/${encodeURIComponent(card)}`;

/** The reader's dashboards, of one workspace or of all. */
export function useDashboards(workspace: string | null = null, enabled = true) {
  const query = workspace ? `?workspace=${encodeURIComponent(workspace)}` : "";
  return useQuery({
    queryKey: ["dashboards", workspace],
    enabled,
    queryFn: async ({ signal }) => (await getJson<{ items: DashboardSummary[] }>(`/v1/dashboards${query}`, signal)).items,
  });
}

export function useDashboard(id: string) {
  return useQuery({ queryKey: ["dashboard", id], queryFn: ({ signal }) => getJson<Dashboard>(at(id), signal) });
}

/** What a card's question answers now; worked out again every few minutes while somebody looks. */
export function useCardAnswer(id: string, card: string, { period, field, value }: View) {
  const wanted = new URLSearchParams({ ...(period && { period }), ...(field && value && { field, value }) }).toString();
  const query = wanted && `?${wanted}`;
  return useQuery({
    queryKey: ["card", id, card, query],
    queryFn: ({ signal }) => getJson<Answer>(`${cardAt(id, card)}/answer${query}`, signal),
    staleTime: FRESH_MS,
    refetchInterval: REFRESH_MS,
    placeholderData: (previous) => previous,
  });
}

/** Keep an answer on a dashboard, or on a new one when `dashboard` is null. */
export function useKeepAnswer() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ answer, dashboard, title, workspace }: { answer: string; dashboard: string | null; title: string; workspace: string | null }) => {
      const page = dashboard ?? ((await (await post("/v1/dashboards", { title, workspace })).json()) as Dashboard).id;
      return (await (await post(`${at(page)}/cards`, { answer_id: answer })).json()) as Dashboard;
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["dashboards"] }),
    onSuccess: (page) => client.setQueryData(["dashboard", page.id], page),
  });
}

export interface CardChange {
  title?: string;
  view?: CardView;
  wide?: boolean;
  position?: number;
}

/** Changes of one dashboard; each takes the server's page as the new truth. */
export function useDashboardChanges(id: string) {
  const client = useQueryClient();
  const changed = (page: Dashboard) => {
    client.setQueryData(["dashboard", id], page);
    void client.invalidateQueries({ queryKey: ["dashboards"] });
  };
  const rename = useMutation({ mutationFn: (title: string) => patch<Dashboard>(at(id), { title }), onSuccess: changed });
  const share = useMutation({ mutationFn: (shared: boolean) => patch<Dashboard>(at(id), { shared }), onSuccess: changed });
  const change = useMutation({
    mutationFn: ({ card, ...what }: CardChange & { card: string }) => patch<Dashboard>(cardAt(id, card), what),
    onSuccess: changed,
  });
  const drop = useMutation({
    mutationFn: (card: string) => remove(cardAt(id, card)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["dashboard", id] }),
  });
  return { rename, share, change, drop };
}

export function useDeleteDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove(at(id)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["dashboards"] }),
  });
}
