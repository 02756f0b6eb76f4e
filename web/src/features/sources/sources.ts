// Connected sources: what is there, what can be connected, and the jobs that load them.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/lib/api/errors";
import { getJson, patch, post, remove } from "@/lib/api/http";
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

export type SourceGroup = "payments" | "social" | "web" | "business" | "databases" | "files" | "other";

export interface SourceKind {
  source: string;
  label: string;
  group: SourceGroup;
  summary: string;
  environments: string[];
  settings: SourceSetting[];
  resources: string[];
  cannot: Record<string, string>;
  proven: { label: "untested" | "spec-checked" | "mock-tested" | "live-verified"; detail: string };
}

export interface ResourceHealth {
  name: string;
  rows: number;
  loaded_at: string | null;
  newest: string | null;
  rejected: number;
  error: string | null;
}

export interface Source {
  id: string;
  source: string;
  label: string;
  provider: string;
  environment: string;
  settings: Record<string, string>;
  every: number | null;
  keep_days: number | null;
  /** Whether rows come from a service, and not from files or a database, which are kept as they are. */
  service: boolean;
  /** Names of the secrets that are kept; never their text. */
  secrets: string[];
  waiting: number;
  hook: string | null;
  health: { state: SourceState; detail: string; loaded_at: string | null; rows: number; resources: ResourceHealth[] };
}

export interface SourceCheck {
  table: string;
  test: string;
  bad: number;
}

export interface SourceSchema {
  resources: { name: string; via: string; note: string; rows: number; becomes: { table: string; columns: { name: string; type: string; from: string }[] }[] }[];
}

export interface Lineage {
  columns: { name: string; type: string; key: boolean; words: string[] }[];
  origins: { connection_id: string; label: string; resource: string; rows: number; columns: { name: string; from: string }[]; only: string[] }[];
}

export interface Wish {
  source: string;
  settings: Record<string, string>;
  environment: string;
  name: string | null;
  since: string | null;
}

const named = (workspace: string) => `workspace=${encodeURIComponent(workspace)}`;
const at = (id: string) => `/v1/sources/${encodeURIComponent(id)}`;
const FORGET = ["sources", "model", "workspaces", "source-schema", "lineage", "jobs"];

export function useSources(workspace: string) {
  return useQuery({
    queryKey: ["sources", workspace],
    queryFn: ({ signal }) => getJson<{ items: Source[]; checks: SourceCheck[] }>(`/v1/sources?${named(workspace)}`, signal),
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
    queryFn: ({ signal }) => getJson<SourceSchema>(`${at(id)}/schema?${named(workspace)}`, signal),
  });
}

export function useLineage(workspace: string, table: string, wanted: boolean) {
  return useQuery({
    queryKey: ["lineage", workspace, table],
    enabled: wanted,
    queryFn: ({ signal }) => getJson<Lineage>(`/v1/lineage/${encodeURIComponent(table)}?${named(workspace)}`, signal),
  });
}

/** A change of connections, after which all that shows them is asked for again. */
function useSourceChange<Body, Result>(send: (body: Body) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSuccess: () => Promise.all(FORGET.map((key) => client.invalidateQueries({ queryKey: [key] }))) });
}

/** What may change of a connection: its settings, minutes between loads that begin by themselves, days that rows are kept whole. */
export interface SourceChange {
  settings: Record<string, string>;
  every: number;
  keep_days: number;
}

export const useChangeSource = (workspace: string, id: string) =>
  useSourceChange((body: SourceChange) => patch(`${at(id)}?${named(workspace)}`, body));

export function useRemoveSource(workspace: string, id: string) {
  return useSourceChange((rows: boolean) => remove(`${at(id)}?${named(workspace)}&rows=${rows}`));
}

export interface Going {
  /** What the job is about: a connection's id, or nothing while one is being made. */
  id: string | null;
  text: string;
  share: number | null;
}

/** Connecting and refreshing: one job at a time, how far it is, what the source said, and the error that ended it. */
export function useSourceJobs(workspace: string) {
  const client = useQueryClient();
  const [going, setGoing] = useState<Going | null>(null);
  const [said, setSaid] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const forget = () => Promise.all(FORGET.map((key) => client.invalidateQueries({ queryKey: [key] })));
  const run = async (id: string | null, begin: () => Promise<Response>, onBegun?: () => void): Promise<void> => {
    setError(null);
    setSaid("");
    setGoing({ id, text: "", share: null });
    try {
      const begun = (await (await begin()).json()) as { job_id: string; detail?: string; connection?: Source };
      setSaid(begun.detail ?? "");
      onBegun?.();
      await forget();
      const result = await followJob(begun.job_id, (one) => setGoing({ id: begun.connection?.id ?? id, text: one.progress?.text ?? "", share: one.progress?.share ?? null }));
      const [bad] = result.problems;
      if (bad) setError(new ApiError(422, "source", `${bad.file}: ${bad.reason}`, bad.hint));
    } catch (failed) {
      setError(failed instanceof ApiError ? failed : new ApiError(0, "page", ""));
    } finally {
      setGoing(null);
      await forget();
    }
  };
  const connect = (wish: Wish, onBegun: () => void) => run(null, () => post("/v1/sources", { workspace, ...wish }), onBegun);
  const refresh = (id: string) => run(id, () => post(`${at(id)}/refresh?${named(workspace)}`, {}));
  return { going, said, error, connect, refresh };
}
