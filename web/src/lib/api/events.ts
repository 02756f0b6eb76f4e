// Write keys for sites and apps, and what they send at this moment.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { SseParser } from "@/lib/agui/sse";
import { ApiError } from "./errors";
import { getJson, openStream, post, remove } from "./http";

export interface WriteKey {
  id: string;
  name: string;
  /** Sites whose pages may use it; null for any. */
  origins: string[] | null;
  created_at: string;
  used_at: string | null;
}

export interface Live {
  at: number;
  last_second: number;
  last_minute: number;
  visitors: number;
  events: { event: string; count: number }[];
  /** Events in each of the last sixty seconds, the newest last. */
  seconds: number[];
}

const of = (workspace: string) => `workspace=${encodeURIComponent(workspace)}`;

export function useWriteKeys(workspace: string) {
  return useQuery({
    queryKey: ["write-keys", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: WriteKey[] }>(`/v1/events/keys?${of(workspace)}`, signal)).items,
  });
}

export function useMakeWriteKey(workspace: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: { name: string; origins: string[] }) => (await (await post("/v1/events/keys", { workspace, ...body })).json()) as { id: string; key: string },
    onSuccess: () => client.invalidateQueries({ queryKey: ["write-keys"] }),
  });
}

export function useEndWriteKey() {
  const client = useQueryClient();
  return useMutation({ mutationFn: (id: string) => remove(`/v1/events/keys/${encodeURIComponent(id)}`), onSuccess: () => client.invalidateQueries({ queryKey: ["write-keys"] }) });
}

export function useWaiting(workspace: string) {
  return useQuery({ queryKey: ["events-status", workspace], refetchInterval: 5000, queryFn: ({ signal }) => getJson<{ waiting_bytes: number }>(`/v1/events/status?${of(workspace)}`, signal) });
}

const AGAIN_MS = 3000;

/** What arrives now, once a second, for as long as it is shown; a lost line is taken up again. */
export function useLive(workspace: string, wanted: boolean): { live: Live | null; error: ApiError | null } {
  const [live, setLive] = useState<Live | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    if (!wanted) return;
    const ending = new AbortController();
    void follow(`/v1/events/live?${of(workspace)}`, ending.signal, setLive, setError);
    return () => ending.abort();
  }, [workspace, wanted]);
  return { live, error };
}

async function follow(path: string, signal: AbortSignal, onLive: (live: Live) => void, onError: (error: ApiError | null) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await openStream(path, {}, signal);
      onError(null);
      await read(response, (data) => onLive(JSON.parse(data) as Live));
    } catch (failed) {
      if (signal.aborted) return;
      onError(failed instanceof ApiError ? failed : null);
      if (failed instanceof ApiError && failed.status >= 400 && failed.status < 500) return;
    }
    await new Promise((wake) => setTimeout(wake, AGAIN_MS));
  }
}

async function read(response: Response, onData: (data: string) => void): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new SseParser(({ data }) => onData(data));
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) parser.feed(part.value);
}
