// Alerts: what is watched, what lasts now, and what came of each look.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Channel, MessageBody, Severity } from "./digests";
import { askAgain } from "./again";
import { getJson, patch, post, remove } from "./http";

export type RuleKind = "threshold" | "change" | "anomaly" | "forecast" | "goal" | "freshness" | "quality";

/** A rule as the server takes it; which fields belong to which kind is for the server to say. */
export type Rule = { kind: RuleKind } & Record<string, unknown>;

export interface Looks {
  every: "day" | "workdays";
  at: string;
  zone: string;
  on_data: boolean;
}

export interface Target {
  channels: Channel[];
  webhook_id: string | null;
  slack_channel?: string | null;
  teams_id?: string | null;
}

/** How often it may speak of the same thing. */
export interface Telling {
  tell_end: boolean;
  remind_days: number;
  calm_days: number;
}

export interface Escalation extends Target {
  after_minutes: number;
  least: Severity;
}

export interface Alert {
  id: string;
  workspace: string;
  name: string;
  rule: Rule;
  looks: Looks;
  target: Target;
  telling: Telling;
  escalation: Escalation | null;
  active: boolean;
  snoozed_until: string | null;
  next_at: string | null;
  open: number;
  severity: Severity | null;
  last: { outcome: Outcome; note: string; looked_at: string } | null;
}

export type Outcome = "news" | "lasts" | "quiet" | "waiting" | "failed";

export interface AlertDraft {
  workspace: string;
  name: string | null;
  rule: Rule;
  looks: Looks;
  target: Target;
  telling: Telling;
  escalation: Escalation | null;
}

/** What a sentence asks for; without a rule, `says` is why not. */
export interface ReadAlert {
  asked: boolean;
  rule: Rule | null;
  says: string;
  options: string[];
}

export interface Tried {
  name: string;
  label: string;
  /** The latest figure in words. */
  shown: string;
  holds: boolean;
  waiting: string;
  message: MessageBody | null;
}

export interface Look {
  id: string;
  outcome: Outcome;
  note: string;
  looked_at: string;
}

export interface Incident {
  id: string;
  workspace: string;
  alert: string;
  member: string;
  state: "open" | "acknowledged" | "resolved";
  severity: Severity;
  since: string;
  text: string;
  snoozed_until: string | null;
}

interface Items<T> {
  items: T[];
}

const at = (id: string) => `/v1/alerts/${encodeURIComponent(id)}`;

export function useAlerts() {
  return useQuery({ queryKey: ["alerts"], queryFn: async ({ signal }) => (await getJson<Items<Alert>>("/v1/alerts", signal)).items });
}

/** What lasts: open, or known and not over yet. */
export function useIncidents() {
  return useQuery({
    queryKey: ["alerts", "incidents"],
    queryFn: async ({ signal }) => (await getJson<Items<Incident>>("/v1/incidents?limit=100", signal)).items.filter(({ state }) => state !== "resolved"),
  });
}

export function useLooks(id: string) {
  return useQuery({ queryKey: ["alerts", id, "history"], queryFn: async ({ signal }) => (await getJson<Items<Look>>(`${at(id)}/history?limit=20`, signal)).items });
}

function useAlertChange<Body, Result>(send: (body: Body) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSuccess: () => Promise.all(["alerts", "inbox"].map((key) => client.invalidateQueries({ queryKey: [key] }))) });
}

export function useSaveAlert() {
  return useAlertChange(async ({ id, ...draft }: AlertDraft & { id: string | null }): Promise<Alert> => {
    if (id === null) return (await (await post("/v1/alerts", draft)).json()) as Alert;
    const { workspace: _, ...change } = draft;
    return patch<Alert>(at(id), change);
  });
}

export function useChangeAlert() {
  return useAlertChange(({ id, ...change }: { id: string; active?: boolean; snoozed_until?: string | null }) => patch<Alert>(at(id), change));
}

export function useDeleteAlert() {
  return useAlertChange((id: string) => remove(at(id)));
}

/** Look now. The look itself comes a little later: what shows alerts is asked for again until it has surely come. */
export function useCheckAlert() {
  const client = useQueryClient();
  return useAlertChange(async (id: string) => {
    await post(`${at(id)}/check`, {});
    askAgain(client, ["alerts", "inbox"]);
  });
}

export function useChangeIncident() {
  return useAlertChange(({ id, ...change }: { id: string; state?: Incident["state"]; snoozed_until?: string | null }) => patch<Incident>(`/v1/incidents/${encodeURIComponent(id)}`, change));
}

/** The rule that a sentence asks for; nothing is made yet. */
export async function readAlert(workspace: string | null, text: string): Promise<ReadAlert> {
  return (await (await post("/v1/alerts/read", { workspace, text })).json()) as ReadAlert;
}

export function useReadAlert(workspace: string) {
  return useMutation({ mutationFn: (text: string) => readAlert(workspace, text) });
}

export function useTryAlert() {
  return useMutation({ mutationFn: async ({ workspace, rule, looks, telling }: AlertDraft) => (await (await post("/v1/alerts/preview", { workspace, rule, looks, telling })).json()) as Tried });
}
