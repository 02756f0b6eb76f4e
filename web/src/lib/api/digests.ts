// Digests and the messages they sent: what one wants to be told unasked, when, and what was said.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./again";
import { getJson, patch, post, remove } from "./http";

export type Cadence = "daily" | "workdays" | "weekly" | "monthly" | "quarterly" | "matters";
export type Channel = "inbox" | "email" | "slack" | "webhook" | "teams";

export type Severity = "info" | "warning" | "critical";

export interface Timing {
  cadence: Cadence;
  at: string;
  zone: string;
  weekday: number;
  monthday: number;
  wait_minutes?: number;
  /** A country, or a part of it, on whose public holidays nothing comes: DE, US, DE-BY. */
  holidays?: string | null;
}

export interface Goal {
  metric: string;
  goal?: number | null;
  growth?: number | null;
  period: "week" | "month" | "quarter" | "year";
}

/** Files that come along by mail and in Slack. */
export type Attached = "pdf" | "xlsx";

export interface Recipe {
  metrics: string[];
  by: string[];
  filters: unknown[];
  goals: Goal[];
}

export interface Digest {
  id: string;
  workspace: string;
  name: string;
  recipe: Recipe;
  timing: Timing;
  channels: Channel[];
  webhook_id: string | null;
  teams_id: string | null;
  slack_channel: string | null;
  attach: Attached[];
  active: boolean;
  muted_until: string | null;
  next_at: string | null;
  created_at: string;
}

export interface MessageChart {
  title: string;
  alt: string;
  spec: Record<string, unknown>;
  table: string;
  rows: Record<string, unknown>[];
}

export interface Finding {
  identity: string;
  tone: "good" | "bad" | "neutral";
  direction: string;
  text: string;
  question: string;
  why: string;
  /** Of an alert: what would keep it quiet. */
  silence?: string;
}

/** What a message says; of an alert some of it may be missing. */
export interface MessageBody {
  headline: string;
  period?: string;
  held?: boolean;
  quiet?: boolean;
  items?: Finding[];
  ahead?: string;
  goals?: string[];
  figures?: { label: string; value: string; change: string; against: string }[];
  questions?: string[];
  note?: string;
  chart?: MessageChart | null;
}

export interface MessageHead {
  id: string;
  digest_id: string | null;
  kind: "digest" | "alert";
  severity?: Severity;
  over?: boolean;
  workspace: string;
  name: string;
  headline: string;
  state: "sent" | "held";
  quiet: boolean;
  created_at: string;
  read_at: string | null;
}

export interface Delivery {
  channel: string;
  state: string;
  note: string | null;
}

export interface Rehearsal {
  finished: boolean;
  done: number;
  of: number;
  error: string;
  messages: (MessageBody & { at: string })[];
}

export type DigestDraft = Pick<Digest, "workspace" | "name" | "recipe" | "timing" | "channels" | "webhook_id" | "teams_id" | "slack_channel" | "attach">;

interface Items<T> {
  items: T[];
}

const at = (id: string) => `/v1/digests/${encodeURIComponent(id)}`;

export function useDigests() {
  return useQuery({ queryKey: ["digests"], queryFn: async ({ signal }) => (await getJson<Items<Digest>>("/v1/digests", signal)).items });
}

/** A digest that an installed pack proposes, in figures that the reader may see. */
export interface Proposal {
  id: string;
  name: string;
  pack: string;
  cadence: Cadence;
  recipe: Recipe;
}

export function useProposals(workspace: string) {
  return useQuery({
    queryKey: ["digests", "proposals", workspace],
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await getJson<Items<Proposal>>(`/v1/digests/recipes?workspace=${encodeURIComponent(workspace)}`, signal)).items,
  });
}

/** A change of digests, after which all that shows them is asked for again. */
function useDigestChange<Body, Result>(send: (body: Body) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSuccess: () => Promise.all(["digests", "inbox"].map((key) => client.invalidateQueries({ queryKey: [key] }))) });
}

export function useSaveDigest() {
  return useDigestChange(async ({ id, ...draft }: DigestDraft & { id: string | null }): Promise<Digest> => {
    if (id === null) return (await (await post("/v1/digests", draft)).json()) as Digest;
    const { workspace: _, ...change } = draft;
    return patch<Digest>(at(id), change);
  });
}

export function useChangeDigest() {
  return useDigestChange(({ id, ...change }: { id: string; active?: boolean; muted_until?: string | null }) => patch<Digest>(at(id), change));
}

export function useDeleteDigest() {
  return useDigestChange((id: string) => remove(at(id)));
}

/** Send now. The message is made a little later: the inbox is asked again until it has surely come. */
export function useSendDigest() {
  const client = useQueryClient();
  return useMutation({ mutationFn: (id: string) => post(`${at(id)}/send`, {}), onSuccess: () => askAgain(client, ["inbox"]) });
}

export function usePreview() {
  return useMutation({ mutationFn: async ({ workspace, recipe, timing }: DigestDraft) => (await (await post("/v1/digests/preview", { workspace, recipe, timing })).json()) as MessageBody });
}

const POLL_MS = 1500;
/** How far back a rehearsal looks. */
export const DAYS = 90;

/** What is rehearsed: something that is kept, or a rule of an alert that is not kept yet (`body` is what is tried). */
export type RehearsalOf = { kind: "digests" | "alerts"; id: string } | { kind: "rule"; body: Record<string, unknown> };

async function rehearsed(of: RehearsalOf, signal: AbortSignal): Promise<Rehearsal> {
  if (of.kind === "rule") return (await (await post("/v1/alerts/rehearsal", { ...of.body, days: DAYS })).json()) as Rehearsal;
  return getJson<Rehearsal>(`/v1/${of.kind}/${encodeURIComponent(of.id)}/rehearsal?days=${DAYS}`, signal);
}

/** Which messages would have come in the last days; asked again until all of them are worked out. */
export function useRehearsal(of: RehearsalOf) {
  return useQuery({
    queryKey: [of.kind === "rule" ? "alerts" : of.kind, of.kind === "rule" ? of.body : of.id, "rehearsal"],
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) => rehearsed(of, signal),
    refetchInterval: ({ state }) => (state.data && !state.data.finished && !state.error ? POLL_MS : false),
  });
}

export function useDigestHistory(id: string) {
  return useQuery({
    queryKey: ["digests", id, "history"],
    queryFn: async ({ signal }) => (await getJson<Items<MessageHead & { deliveries: Delivery[] }>>(`${at(id)}/history?limit=20`, signal)).items,
  });
}

export interface Inbox extends Items<MessageHead> {
  unread: number;
}

const LOOK_MS = 60_000;

/** What the reader was told, newest first. Looked at once a minute while the page is in view. */
export function useInbox(enabled = true) {
  return useQuery({ queryKey: ["inbox"], enabled, staleTime: LOOK_MS / 2, refetchInterval: LOOK_MS, queryFn: ({ signal }) => getJson<Inbox>("/v1/inbox?limit=50", signal) });
}

export function useMessage(id: string | null) {
  return useQuery({
    queryKey: ["inbox", id],
    enabled: id !== null,
    staleTime: Infinity,
    queryFn: ({ signal }) => getJson<MessageHead & { body: MessageBody }>(`/v1/inbox/${encodeURIComponent(id ?? "")}`, signal),
  });
}

export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => post(`/v1/inbox/${encodeURIComponent(id)}/read`, {}),
    onSuccess: () => client.invalidateQueries({ queryKey: ["inbox"], exact: true }),
  });
}

export interface Hook {
  id: string;
  url: string;
  active: boolean;
}

/** The webhooks of a workspace; none for who may not look after them. */
export function useHooks(workspace: string) {
  return useQuery({
    queryKey: ["hooks", workspace],
    retry: false,
    queryFn: async ({ signal }) => (await getJson<Items<Hook>>(`/v1/webhooks?workspace=${encodeURIComponent(workspace)}`, signal)).items,
  });
}
