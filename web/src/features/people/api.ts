// Who sits at this browser, who else there is, and what they may: the people part of the API.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getJson, patch, post, put, remove } from "@/lib/api/http";
import { forgetKept } from "@/lib/kept";

export type Role = "owner" | "admin" | "editor" | "analyst" | "viewer";
export const ROLES: Role[] = ["owner", "admin", "editor", "analyst", "viewer"];
export const EVERYWHERE = "*";

export interface Session {
  signed_in: boolean;
  needed: boolean;
  setup: boolean;
  by: "nothing" | "loopback" | "key" | "cookie";
  person: { id: string; name: string; email: string | null; roles: Record<string, Role>; second_factor: boolean; has_password: boolean } | null;
  viewing_as: { name: string; workspaces: Record<string, Role> } | null;
  rights: string[];
  /** What the person may in each workspace; `*` stands for all. */
  rights_in: Record<string, string[]>;
  house_rights: string[];
  ways: { password: boolean; sign_on: string | null };
}

export interface Person {
  id: string;
  kind: "person" | "service";
  name: string;
  email: string | null;
  roles: Record<string, Role>;
  attributes: Record<string, string[]>;
  groups: string[];
  disabled: boolean;
  second_factor: boolean;
  seen_at: string | null;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  workspace: string;
  expires_at: string;
}

export interface ApiKey {
  id: string;
  name: string;
  holder: string;
  workspace: string | null;
  scopes: string[] | null;
  expires_at: string | null;
  used_at: string | null;
}

export interface RowPolicy {
  name: string;
  table: string;
  where: string;
  applies_to: string[];
  exempt: string[];
}

/** Columns of a table, or with `personal` all that holds personal data: of the table, or of all where it is null. */
export interface ColumnPolicy {
  name: string;
  table: string | null;
  columns: string[];
  personal: boolean;
  action: "hide" | "mask";
  applies_to: string[];
  exempt: string[];
}

export type PersonalKind = "name" | "email" | "phone" | "address" | "bank account" | "payment card" | "government number";

export interface Policies {
  policies: RowPolicy[];
  column_policies: ColumnPolicy[];
  public_facts: string[];
  personal: { table: string; column: string; kind: PersonalKind | null; label: string }[];
  tables: Record<string, string[]>;
  labels: Record<string, string>;
}

export interface Entry {
  seq: number;
  at: string;
  actor_name: string;
  action: string;
  workspace: string | null;
  target: string;
}

interface Items<T> {
  items: T[];
}

export function useSession() {
  return useQuery({ queryKey: ["session"], staleTime: 30_000, queryFn: ({ signal }) => getJson<Session>("/v1/session", signal) });
}

/** Everything that was fetched as somebody else is asked for again. */
function useAnew() {
  const client = useQueryClient();
  return async () => {
    await forgetKept();
    await client.resetQueries();
  };
}

/** Another person sits here now: nothing that this page holds in memory may stay. */
const begin = async (path: string) => {
  await forgetKept();
  window.location.assign(path);
};

export function useSignIn() {
  const anew = useAnew();
  return useMutation({ mutationFn: (body: { email: string; password: string; code?: string }) => post("/v1/session", body), onSuccess: anew });
}

export function useSignOut() {
  return useMutation({ mutationFn: () => remove("/v1/session"), onSuccess: () => begin("/sign-in") });
}

export function useSetup() {
  const anew = useAnew();
  return useMutation({ mutationFn: (body: { email: string; name: string; password: string }) => post("/v1/setup", body), onSuccess: anew });
}

export function useAccept() {
  const anew = useAnew();
  return useMutation({ mutationFn: (body: { token: string; name: string; password: string }) => post("/v1/invitations/accept", body), onSuccess: anew });
}

export function useViewAs() {
  return useMutation({
    mutationFn: async (user: string | null) => {
      if (user === null) await remove("/v1/session/view-as");
      else await post("/v1/session/view-as", { user_id: user });
    },
    onSuccess: (_, user) => begin(user === null ? "/admin" : "/"),
  });
}

const items = async <T,>(path: string, signal?: AbortSignal) => (await getJson<Items<T>>(path, signal)).items;

export function usePeople() {
  return useQuery({ queryKey: ["people", "users"], staleTime: 0, queryFn: ({ signal }) => items<Person>("/v1/users", signal) });
}

export function useInvitations() {
  return useQuery({ queryKey: ["people", "invitations"], queryFn: ({ signal }) => items<Invitation>("/v1/invitations", signal) });
}

export function useKeys() {
  return useQuery({ queryKey: ["people", "keys"], queryFn: ({ signal }) => items<ApiKey>("/v1/keys", signal) });
}

export interface Browser {
  id: string;
  agent: string;
  seen_at: string;
  this: boolean;
}

export function useBrowsers() {
  return useQuery({ queryKey: ["people", "browsers"], queryFn: ({ signal }) => items<Browser>("/v1/me/sessions", signal) });
}

export function usePolicies(workspace: string | null) {
  return useQuery({
    queryKey: ["people", "policies", workspace],
    enabled: workspace !== null,
    queryFn: ({ signal }) => getJson<Policies>(`/v1/policies?workspace=${encodeURIComponent(workspace ?? "")}`, signal),
  });
}

export function useAudit(words: string, before: number | null) {
  const query = new URLSearchParams({ limit: "50", ...(words && { q: words }), ...(before && { before: String(before) }) });
  return useQuery({
    queryKey: ["people", "audit", words, before],
    queryFn: ({ signal }) => getJson<Items<Entry> & { before: number | null }>(`/v1/audit?${query.toString()}`, signal),
    placeholderData: (previous) => previous,
  });
}

/** A change of people, after which every list of them is asked for again. */
export function useChange<Body, Result = void>(send: (body: Body) => Promise<Result>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: send, onSuccess: () => client.invalidateQueries({ queryKey: ["people"] }) });
}

const at = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`;

export const changeUser = ({ id, ...body }: { id: string } & Record<string, unknown>) => patch<Person>(at("/v1/users", id), body);
export const invite = async (body: { email: string; role: Role; workspace: string }) => (await (await post("/v1/invitations", body)).json()) as { added: boolean; link: string | null };
export const takeBack = (id: string) => remove(at("/v1/invitations", id));
export const makeKey = async (body: { name: string; scopes: string[]; workspace?: string; days?: number }) => (await (await post("/v1/keys", body)).json()) as { id: string; key: string };
export const revokeKey = (id: string) => remove(at("/v1/keys", id));
export const endBrowser = (id: string) => remove(at("/v1/me/sessions", id));
export const savePolicies = ({ workspace, ...body }: { workspace: string; policies: RowPolicy[]; column_policies: ColumnPolicy[]; public_facts: string[] }) =>
  put<Policies>(`/v1/policies?workspace=${encodeURIComponent(workspace)}`, body);
export const passwordLink = async (id: string) => (await (await post(`${at("/v1/users", id)}/password-link`, {})).json()) as { link: string };
