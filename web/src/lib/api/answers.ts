// What can be done with an answer: where its marks lead, what the reader thought of it, who else may read it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Answer } from "@/gen/wire";
import { getJson, post, remove } from "./http";
import type { ThreadSummary } from "./types";

export interface Way {
  kind: "why" | "split" | "course" | "only";
  question: string;
  by: string;
}

/** Questions that go on from one row of a table of an answer. */
export function useWays(answer: string, table: string, row: string | null) {
  const query = `?table=${encodeURIComponent(table)}&row=${encodeURIComponent(row ?? "")}`;
  return useQuery({
    queryKey: ["ways", answer, table, row],
    enabled: row !== null,
    retry: false,
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await getJson<{ items: Way[] }>(`/v1/answers/${encodeURIComponent(answer)}/ways${query}`, signal)).items,
  });
}

export interface Completion {
  kind: "question" | "figure" | "field" | "value";
  label: string;
  text: string;
}

const MOST_TYPED = 200;

/** Ways to go on with what was typed; nothing for an empty or a long text. */
export function useCompletions(typed: string, workspace: string | null) {
  const query = `q=${encodeURIComponent(typed)}${workspace ? `&workspace=${encodeURIComponent(workspace)}` : ""}`;
  return useQuery({
    queryKey: ["suggest", workspace, typed],
    enabled: typed.trim().length > 1 && typed.length <= MOST_TYPED,
    retry: false,
    staleTime: 60_000,
    queryFn: async ({ signal }) => (await getJson<{ items: Completion[] }>(`/v1/suggest?limit=6&${query}`, signal)).items,
    placeholderData: (previous) => (typed.trim() ? previous : undefined),
  });
}

export type Verdict = "up" | "down";
export type Reason = "" | "wrong_figure" | "wrong_period" | "misread" | "unclear" | "other";

export interface Feedback {
  id: string;
  answer_id: string;
  question: string;
  verdict: Verdict;
  reason: Reason;
  comment: string;
  state: "open" | "done" | "noted";
  owner_name: string;
  created_at: string;
}

/** Say what an answer was worth, or take that back (null). */
export function useVerdictOn(answer: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ verdict, ...more }: { verdict: Verdict | null; reason?: Reason; comment?: string }) => {
      if (verdict === null) await remove(`/v1/feedback/${encodeURIComponent(answer)}`);
      else await post("/v1/feedback", { answer_id: answer, verdict, ...more });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["feedback"] }),
  });
}

export function useFeedback(workspace: string) {
  return useQuery({
    queryKey: ["feedback", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: Feedback[] }>(`/v1/feedback?state=open&workspace=${encodeURIComponent(workspace)}`, signal)).items,
  });
}

export function useReviewed() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => post(`/v1/feedback/${encodeURIComponent(id)}/review`, { state: "done" }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["feedback"] }),
  });
}

export interface Learned {
  id: string;
  kind: "word" | "answer";
  said: string;
  means: string;
  owner: string;
  scope: "person" | "everyone";
  state: "waiting" | "approved" | "removed";
  at: string;
}

const learnedAt = (workspace: string, id = "") => `/v1/learned${id && `/${encodeURIComponent(id)}`}?workspace=${encodeURIComponent(workspace)}`;

export function useLearned(workspace: string) {
  return useQuery({
    queryKey: ["learned", workspace],
    queryFn: async ({ signal }) => (await getJson<{ items: Learned[] }>(learnedAt(workspace), signal)).items,
  });
}

/** Keep an answer aside as the right one for a question; somebody reviews it. */
export function useTeach() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (lesson: { answer_id: string; question?: string }) => (await (await post("/v1/learned", lesson)).json()) as Learned,
    onSuccess: () => client.invalidateQueries({ queryKey: ["learned"] }),
  });
}

/** Put what was taught in force for oneself or for everyone, or take it out of force. */
export function useJudgeLearned(workspace: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, verdict }: { id: string; verdict: "me" | "everyone" | "remove" }) => {
      if (verdict === "remove") return remove(learnedAt(workspace, id));
      const at = `/v1/learned/${encodeURIComponent(id)}/approve?workspace=${encodeURIComponent(workspace)}`;
      await post(at, { everyone: verdict === "everyone" });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["learned"] }),
  });
}

/** Another conversation that begins with this one's turns up to `run`. */
export async function branchThread(thread: string, run: string): Promise<ThreadSummary> {
  return (await (await post(`/v1/threads/${encodeURIComponent(thread)}/branch`, { run_id: run })).json()) as ThreadSummary;
}

export function useShare(thread: string, enabled: boolean) {
  return useQuery({
    queryKey: ["share", thread],
    enabled,
    queryFn: async ({ signal }) => (await getJson<{ id: string | null }>(`/v1/threads/${encodeURIComponent(thread)}/share`, signal)).id,
  });
}

/** Make the link of a conversation, or take it back. */
export function useSharing(thread: string) {
  const client = useQueryClient();
  const at = `/v1/threads/${encodeURIComponent(thread)}/share`;
  return useMutation({
    mutationFn: async (wanted: boolean) => {
      if (!wanted) return remove(at).then(() => null);
      return ((await (await post(at, {})).json()) as { id: string }).id;
    },
    onSuccess: (id) => client.setQueryData(["share", thread], id),
  });
}

export interface SharedTurn {
  run_id: string;
  question: string;
  created_at: string;
  answer: Answer | null;
}

export interface SharedThread {
  title: string;
  workspace: string;
  by: string;
  mine: boolean;
  recomputed: boolean;
  thread_id: string;
  turns: SharedTurn[];
}

export function useSharedThread(id: string) {
  return useQuery({ queryKey: ["shared", id], queryFn: ({ signal }) => getJson<SharedThread>(`/v1/shared/${encodeURIComponent(id)}`, signal) });
}

/** The whole answer: what streamed in holds the first rows of a long table only. */
export function wholeAnswer(id: string): Promise<Answer> {
  return getJson<Answer>(`/v1/answers/${encodeURIComponent(id)}`);
}
