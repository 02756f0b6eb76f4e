// The semantic model by TanStack Query: its words, what was assumed, its text and its versions.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Column } from "@/gen/wire";
import type { Scalar } from "@/lib/format/cell";
import { getJson, patch, post, put, remove } from "./http";
import type { ModelInfo } from "./types";

export interface Naming {
  kind: "table" | "dimension" | "measure" | "time" | "metric";
  table?: string;
  name?: string;
  label?: string;
  description?: string;
  synonyms?: string[];
}

export interface ReviewItem {
  id: string;
  kind: string;
  table: string;
  name: string;
  finding: string;
  effect: string;
  evidence: string | null;
  confidence: number;
  suggested: boolean;
}

export interface ModelText {
  yaml: string;
  state: string;
}

export interface ModelVersion {
  number: number;
  at: string;
  by: string | null;
  why: string;
}

export interface Fault {
  severity: "error" | "warning";
  where: string;
  message: string;
  hint: string | null;
  line: number | null;
}

interface Figure {
  name: string;
  label: string;
  total: unknown;
  last_month: unknown;
}

export interface Trial {
  findings: Fault[];
  changes: { before: Figure | null; after: Figure | null }[];
}

/** What a form says of a new figure; what does not belong to its kind stays away. */
export interface NewMetric {
  label: string;
  kind: "column" | "part" | "ratio" | "formula";
  shown: "auto" | "number" | "share" | "money";
  table?: string;
  column?: string;
  agg?: "sum" | "avg" | "min" | "max" | "median" | "count_distinct";
  of?: string;
  field?: string;
  value?: string;
  numerator?: string;
  denominator?: string;
  expr?: string;
  currency?: string;
  good?: "up" | "down" | null;
  synonyms?: string[];
}

/** A figure as it came out: its name in the model, what it is, and how it is written. */
export interface Made {
  name: string;
  total: Scalar;
  last_month: Scalar;
  column: Column;
}

const of = (workspace: string) => `?workspace=${encodeURIComponent(workspace)}`;

/** After a change everything that names things is asked again. */
function useForget() {
  const client = useQueryClient();
  return () => Promise.all(["model", "review", "versions", "modelText", "workspaces"].map((key) => client.invalidateQueries({ queryKey: [key] })));
}

export function useRename(workspace: string) {
  const forget = useForget();
  return useMutation({ mutationFn: (words: Naming) => patch<ModelInfo>(`/v1/model/names${of(workspace)}`, words), onSuccess: forget });
}

export function useReview(workspace: string) {
  return useQuery({
    queryKey: ["review", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: ReviewItem[] }>(`/v1/model/review${of(workspace)}`, signal)).items,
  });
}

export function useVerdict(workspace: string) {
  const forget = useForget();
  return useMutation({
    mutationFn: ({ id, verdict }: { id: string; verdict: "accepted" | "rejected" }) => post(`/v1/model/review/${encodeURIComponent(id)}${of(workspace)}`, { verdict }),
    onSuccess: forget,
  });
}

export function useModelText(workspace: string) {
  return useQuery({
    queryKey: ["modelText", workspace],
    queryFn: ({ signal }) => getJson<ModelText>(`/v1/model/text${of(workspace)}`, signal),
    // What is being written must not be replaced under the writer's hands.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
}

export function useTryModel(workspace: string) {
  return useMutation({ mutationFn: async (yaml: string) => (await (await post(`/v1/model/check${of(workspace)}`, { yaml })).json()) as Trial });
}

export function useSaveModel(workspace: string) {
  const forget = useForget();
  return useMutation({ mutationFn: (text: ModelText) => put<ModelText>(`/v1/model/text${of(workspace)}`, text), onSuccess: forget });
}

export function useVersions(workspace: string) {
  return useQuery({
    queryKey: ["versions", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: ModelVersion[] }>(`/v1/model/history${of(workspace)}`, signal)).items.reverse(),
  });
}

export function useRestore(workspace: string) {
  const forget = useForget();
  return useMutation({ mutationFn: (number: number) => post(`/v1/model/history/${number}/restore${of(workspace)}`, {}), onSuccess: forget });
}

export function useTryMetric(workspace: string) {
  return useMutation({ mutationFn: async (metric: NewMetric) => (await (await post(`/v1/model/metrics/check${of(workspace)}`, metric)).json()) as Made });
}

export function useMakeMetric(workspace: string) {
  const forget = useForget();
  return useMutation({ mutationFn: async (metric: NewMetric) => (await (await post(`/v1/model/metrics${of(workspace)}`, metric)).json()) as Made, onSuccess: forget });
}

export function useRemoveMetric(workspace: string) {
  const forget = useForget();
  return useMutation({ mutationFn: (name: string) => remove(`/v1/model/metrics/${encodeURIComponent(name)}${of(workspace)}`), onSuccess: forget });
}
