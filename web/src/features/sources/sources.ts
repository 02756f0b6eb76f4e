// Connected sources: what is there, what can be connected, and the jobs that load them.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { getJson, post } from "@/lib/api/http";
import { followJob } from "./upload";

export type SourceState = "new" | "fresh" | "stale" | "attention" | "failing" | "listening";

export interface SourceSetting {
  name: string;
  label: string;
  help: string;
  secret: boolean;
  required: boolean;
  default: string | null;
  choices: string[];
}

export interface SourceKind {
  source: string;
  label: string;
  group: "payments" | "social" | "web" | "business" | "databases" | "files" | "other";
  summary: string;
  environments: string[];
  settings: SourceSetting[];
  proven: { label: "untested" | "spec-checked" | "mock-tested" | "live-verified"; detail: string };
}

export interface Source {
  id: string;
  label: string;
  provider: string;
  waiting: number;
  hook: string | null;
  health: { state: SourceState; detail: string; loaded_at: string | null; rows: number };
}

export interface SourceSchema {
  resources: { name: string; rows: number; becomes: { table: string; columns: { name: string; type: string; from: string }[] }[] }[];
}

const named = (workspace: string) => `workspace=${encodeURIComponent(workspace)}`;

export function useSources(workspace: string) {
  return useQuery({
    queryKey: ["sources", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: Source[] }>(`/v1/sources?${named(workspace)}`, signal)).items,
  });
}

export function useSourceKinds(wanted: boolean) {
  return useQuery({
    queryKey: ["source-kinds"],
    enabled: wanted,
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await getJson<{ items: SourceKind[] }>("/v1/sources/catalogue", signal)).items,
  });
}

export function useSourceSchema(workspace: string, id: string, wanted: boolean) {
  return useQuery({
    queryKey: ["source-schema", workspace, id],
    enabled: wanted,
    queryFn: ({ signal }) => getJson<SourceSchema>(`/v1/sources/${encodeURIComponent(id)}/schema?${named(workspace)}`, signal),
  });
}

/** Connecting and refreshing: one job at a time, its progress as text, and the error that ended it. */
export function useSourceJobs(workspace: string) {
  const client = useQueryClient();
  const [progress, setProgress] = useState<string | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (begin: () => Promise<Response>): Promise<boolean> => {
    setError(null);
    setProgress("");
    try {
      const { job_id: job } = (await (await begin()).json()) as { job_id: string };
      await followJob(job, (one) => setProgress(one.progress?.text ?? ""));
      return true;
    } catch (failed) {
      setError(failed instanceof ApiError ? failed : new ApiError(0, "page", ""));
      return false;
    } finally {
      setProgress(null);
      await Promise.all(["sources", "model", "workspaces", "source-schema"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    }
  };
  const connect = (source: string, settings: Record<string, string>, environment: string) =>
    run(() => post("/v1/sources", { workspace, source, settings, environment }));
  const refresh = (id: string) => run(() => post(`/v1/sources/${encodeURIComponent(id)}/refresh?${named(workspace)}`, {}));
  return { progress, error, connect, refresh };
}
