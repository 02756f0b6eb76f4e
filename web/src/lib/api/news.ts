// What is told on the first page without being asked: findings, and how far along the reader's goals are.
import { useQuery } from "@tanstack/react-query";
import { getJson } from "./http";

export interface Insight {
  identity: string;
  tone: "good" | "bad" | "neutral";
  direction: "up" | "down" | "";
  headline: string;
  text: string;
  question: string;
}

export interface Insights {
  period: string | null;
  items: Insight[];
  /** Why nothing could be looked over. */
  reason: string | null;
}

/** A goal that could be told; shares are 0-1. */
export interface Pace {
  identity: string;
  origin: "digest" | "alert";
  label: string;
  span: string;
  state: "reached" | "over" | "ahead" | "on" | "behind";
  tone: "good" | "bad" | "neutral";
  better: "up" | "down";
  done: string;
  goal: string;
  share: number;
  usual: number;
  chance: number | null;
  text: string;
  question: string | null;
}

/** A goal whose pace cannot be told, with the reason. */
export type Untold = Pick<Pace, "identity" | "origin" | "label"> & { reason: string };

const of = (workspace: string) => `/v1/workspaces/${encodeURIComponent(workspace)}`;

/** The weightiest findings, kept for as long as the page is open. */
export function useInsights(workspace: string) {
  return useQuery({
    queryKey: ["insights", workspace],
    retry: false,
    staleTime: Infinity,
    queryFn: ({ signal }) => getJson<Insights>(`${of(workspace)}/insights?limit=3`, signal),
  });
}

/** The reader's goals with their pace; asked for again after digests or alerts were changed. */
export function useGoals(workspace: string) {
  return useQuery({
    queryKey: ["digests", "goals", workspace],
    retry: false,
    queryFn: async ({ signal }) => (await getJson<{ items: (Pace | Untold)[] }>(`${of(workspace)}/goals`, signal)).items,
  });
}
