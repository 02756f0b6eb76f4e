// What the page knows of the installation itself: its health, and who can answer.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Channel } from "./digests";
import { getJson, post, put } from "./http";

export interface System {
  version: string;
  checks: Record<string, boolean>;
  /** The model that can answer beside the built-in brain, by its name. */
  model: string | null;
  /** Where messages can go besides the inbox. */
  channels?: Channel[];
}

export function useSystem() {
  return useQuery({ queryKey: ["system"], queryFn: ({ signal }) => getJson<System>("/v1/system", signal), staleTime: 60_000, retry: false });
}

export interface Brains {
  choices: string[];
  model: string | null;
  host: string | null;
  problem: string | null;
}

/** Who can answer questions here. */
export function useBrains() {
  return useQuery({ queryKey: ["brain"], queryFn: ({ signal }) => getJson<Brains>("/v1/brain", signal), staleTime: 60_000, retry: false });
}

export interface BrainCheck extends Brains {
  ok: boolean;
  items: { name: string; ok: boolean; detail: string }[];
}

/** Try the model that is set up; it takes some seconds and a few small requests. */
export function useTryBrain() {
  return useMutation({ mutationFn: async () => (await (await post("/v1/brain/check", {})).json()) as BrainCheck });
}

export type ModelSettingName = "model" | "model_url" | "model_key" | "model_seconds" | "model_turn_tokens" | "model_user_tokens" | "model_workspace_tokens";

/** A setting of the language model and where it comes from; the key never comes back. */
export interface ModelSetting {
  name: ModelSettingName;
  value: string | number | null;
  from: "environment" | "page" | "default";
}

export function useModelSettings() {
  return useQuery({ queryKey: ["modelSettings"], queryFn: async ({ signal }) => (await getJson<{ items: ModelSetting[] }>("/v1/brain/settings", signal)).items });
}

export function useChangeModelSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<Record<ModelSettingName, string | number | null>>) => put<{ items: ModelSetting[] }>("/v1/brain/settings", change),
    onSuccess: () => Promise.all(["modelSettings", "brain", "system"].map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
}
