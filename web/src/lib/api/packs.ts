// Industry packs and what a workspace has read, by TanStack Query.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { errorFrom, LineError } from "./errors";
import { getJson, post, remove } from "./http";

export interface PackSummary {
  pack: string;
  version: string;
  label: string;
  description: string;
  counts: Record<string, number>;
  installed: string | null;
}

export type MetricStatus = "bound" | "assumed" | "review" | "missing" | "own";

export interface PackDetail extends PackSummary {
  binding: {
    metrics: Record<string, { metric: string; label: string; status: MetricStatus; missing: string[]; notes: string[] }>;
    review: { id: string; finding: string; confidence: number; affects: string[] }[];
  };
}

export interface KnownDocument {
  id: string;
  kind: "pack" | "document";
  title: string;
  licence: string;
  updated: string | null;
  readers: string[];
  passages: number;
}

export interface FoundPassage {
  id: string;
  document: { title: string };
  passage: { title: string; text: string };
}

const of = (workspace: string) => `?workspace=${encodeURIComponent(workspace)}`;
const at = (pack: string, workspace: string, verb = "") => `/v1/packs/${encodeURIComponent(pack)}${verb}${of(workspace)}`;

/** A pack changes what can be asked and what has been read. */
function useForget() {
  const client = useQueryClient();
  return () => Promise.all(["packs", "pack", "knowledge", "model", "review", "versions", "modelText", "workspaces"].map((key) => client.invalidateQueries({ queryKey: [key] })));
}

export function usePacks(workspace: string) {
  return useQuery({
    queryKey: ["packs", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: PackSummary[] }>(`/v1/packs${of(workspace)}`, signal)).items,
  });
}

export function usePack(pack: string, workspace: string, enabled: boolean) {
  return useQuery({ queryKey: ["pack", workspace, pack], enabled, queryFn: ({ signal }) => getJson<PackDetail>(at(pack, workspace), signal) });
}

export function usePackChange(pack: string, workspace: string) {
  const forget = useForget();
  return useMutation({
    mutationFn: async (change: "install" | "upgrade" | "remove") => {
      if (change === "remove") await remove(at(pack, workspace));
      else await post(at(pack, workspace, change === "upgrade" ? "/upgrade" : ""), {});
    },
    onSuccess: forget,
  });
}

export function useKnowledge(workspace: string) {
  return useQuery({
    queryKey: ["knowledge", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: KnownDocument[] }>(`/v1/knowledge${of(workspace)}`, signal)).items,
  });
}

export interface Added {
  items: KnownDocument[];
  problems: { file: string; reason: string; hint: string | null }[];
}

export function useAddDocuments(workspace: string) {
  const forget = useForget();
  return useMutation({
    mutationFn: async ({ files, reader }: { files: File[]; reader: string }) => {
      const body = new FormData();
      for (const file of files) body.append("files", file);
      const path = `/v1/knowledge/documents${of(workspace)}&reader=${encodeURIComponent(reader)}`;
      const response = await fetch(path, { method: "POST", body }).catch(() => {
        throw new LineError();
      });
      if (!response.ok) throw errorFrom(response.status, await response.text());
      return (await response.json()) as Added;
    },
    onSuccess: forget,
  });
}

export function useRemoveDocument(workspace: string) {
  const forget = useForget();
  return useMutation({ mutationFn: (id: string) => remove(`/v1/knowledge/documents/${encodeURIComponent(id)}${of(workspace)}`), onSuccess: forget });
}

export function useSearchKnowledge(workspace: string, query: string) {
  return useQuery({
    queryKey: ["knowledge", workspace, "search", query],
    enabled: query !== "",
    queryFn: ({ signal }) => getJson<{ items: FoundPassage[]; note: string | null }>(`/v1/knowledge/search${of(workspace)}&q=${encodeURIComponent(query)}`, signal),
  });
}
