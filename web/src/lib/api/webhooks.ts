// Webhooks of a workspace: where programs are told of what ended, how each delivery went, and trying an address.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./again";
import { getJson, patch, post, remove } from "./http";

export const EVENTS = ["run.done", "run.failed", "run.cancelled", "job.done", "job.failed"] as const;
export type HookEvent = (typeof EVENTS)[number];
type Sent = HookEvent | "ping";

export interface Webhook {
  id: string;
  workspace: string;
  url: string;
  events: HookEvent[];
  active: boolean;
  created_at: string;
}

export interface HookDelivery {
  id: string;
  type: Sent;
  state: "waiting" | "sending" | "sent" | "dead" | "unknown";
  attempts: number;
  created_at: string;
  note: string | null;
}

interface Items<T> {
  items: T[];
}

/** Names of events as keys of texts hold no dots. */
export const keyOf = <E extends Sent>(event: E) => event.replace(".", "_") as E extends `${infer A}.${infer B}` ? `${A}_${B}` : E;

const at = (id: string) => `/v1/webhooks/${encodeURIComponent(id)}`;

export function useWebhooks(workspace: string) {
  return useQuery({ queryKey: ["hooks", workspace, "all"], queryFn: async ({ signal }) => (await getJson<Items<Webhook>>(`/v1/webhooks?workspace=${encodeURIComponent(workspace)}`, signal)).items });
}

export function useHookDeliveries(id: string) {
  return useQuery({ queryKey: ["hooks", id, "deliveries"], queryFn: async ({ signal }) => (await getJson<Items<HookDelivery>>(`${at(id)}/deliveries?limit=20`, signal)).items });
}

function useHookChange<Body, Result>(send: (body: Body) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSuccess: () => client.invalidateQueries({ queryKey: ["hooks"] }) });
}

/** A new webhook; the answer holds the secret that signs what it is sent. */
export function useMakeHook() {
  return useHookChange(async (body: { workspace: string; url: string; events: HookEvent[] }) => (await (await post("/v1/webhooks", body)).json()) as Webhook & { secret: string });
}

export function useChangeHook() {
  return useHookChange(({ id, ...change }: { id: string; active?: boolean; rotate?: boolean }) => patch<Webhook & { secret: string }>(at(id), change));
}

export function useDeleteHook() {
  return useHookChange((id: string) => remove(at(id)));
}

/** Send something now. It goes a little later: the deliveries are asked for again until it has surely gone. */
export function useSendToHook() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, delivery }: { id: string; delivery?: string }) => post(delivery ? `${at(id)}/deliveries/${encodeURIComponent(delivery)}/replay` : `${at(id)}/ping`, {}),
    onSuccess: () => askAgain(client, ["hooks"]),
  });
}
