// Server state by TanStack Query: one hook per resource.
import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson, patch, remove } from "./http";
import type { ModelInfo, ThreadSummary, Workspace } from "./types";

interface Items<T> {
  items: T[];
}

const WORKSPACES = {
  queryKey: ["workspaces"],
  queryFn: async ({ signal }: { signal: AbortSignal }) => (await getJson<Items<Workspace>>("/v1/workspaces", signal)).items,
};

export function useWorkspaces() {
  return useQuery(WORKSPACES);
}

/** The names of the workspaces there are, waiting for them where they have not come yet. */
export async function workspaceNames(client: QueryClient): Promise<string[]> {
  return (await client.fetchQuery(WORKSPACES)).map(({ name }) => name);
}

export function useModel(workspace: string | null) {
  return useQuery({
    queryKey: ["model", workspace],
    enabled: workspace !== null,
    queryFn: ({ signal }) => getJson<ModelInfo>(`/v1/model?workspace=${encodeURIComponent(workspace ?? "")}`, signal),
  });
}

export function useThreads(search = "") {
  const query = search ? `?q=${encodeURIComponent(search)}` : "";
  return useQuery({
    queryKey: ["threads", search],
    queryFn: async ({ signal }) => (await getJson<Items<ThreadSummary>>(`/v1/threads${query}`, signal)).items,
    placeholderData: (previous) => previous,
  });
}

/** The newest thread of each title: a question asked five times is one place to go back to. */
export function newestOfEach(threads: ThreadSummary[]): ThreadSummary[] {
  const seen = new Set<string>();
  return threads.filter(({ title }) => !seen.has(title) && seen.add(title));
}

export function useDeleteThread() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => remove(`/v1/threads/${encodeURIComponent(id)}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["threads"] }),
  });
}

/** Rename a thread, or keep it on top. */
export function useChangeThread() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...change }: { id: string; title?: string; pinned?: boolean }) => patch(`/v1/threads/${encodeURIComponent(id)}`, change),
    onSuccess: () => client.invalidateQueries({ queryKey: ["threads"] }),
  });
}
