// What the page knows of the installation itself.
import { useQuery } from "@tanstack/react-query";
import { getJson } from "./http";

export interface System {
  version: string;
  checks: Record<string, boolean>;
  /** The model that can answer beside the built-in brain, by its name. */
  model: string | null;
}

export function useSystem() {
  return useQuery({ queryKey: ["system"], queryFn: ({ signal }) => getJson<System>("/v1/system", signal), staleTime: 60_000, retry: false });
}

/** Who can answer questions here. */
export const useBrains = useSystem;
