// The last loads, refreshes and trainings of a workspace, and stopping one.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson, post } from "./http";
import type { Job } from "./types";

export interface ListedJob extends Job {
  kind: "load" | "refresh" | "events" | "train" | "demo";
  created_at: string;
}

const LOOK_MS = 2000;
export const isGoing = ({ state }: Job): boolean => state === "queued" || state === "running";

/** Newest first; looked at again while something is going on. */
export function useJobs(workspace: string) {
  return useQuery({
    queryKey: ["jobs", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: ListedJob[] }>(`/v1/jobs?workspace=${encodeURIComponent(workspace)}`, signal)).items,
    refetchInterval: ({ state }) => (state.data?.some(isGoing) ? LOOK_MS : false),
  });
}

export function useStopJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => post(`/v1/jobs/${encodeURIComponent(id)}/cancel`, {}),
    onSettled: () => client.invalidateQueries({ queryKey: ["jobs"] }),
  });
}
