// Sending files and following the job that reads them.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import { ApiError, errorFrom, LineError } from "@/lib/api/errors";
import { getJson, post } from "@/lib/api/http";
import { workspaceNames } from "@/lib/api/queries";
import type { Job, JobResult } from "@/lib/api/types";
import { chooseWorkspace } from "./workspace";

const POLL_MS = 400;

export type Upload =
  | { state: "idle" }
  | { state: "sending"; files: File[]; sent: number }
  | { state: "reading"; files: File[]; text: string | null; share: number | null }
  | { state: "done"; result: JobResult; workspace: string }
  | { state: "failed"; error: ApiError };

export interface Destination {
  name: string;
  label: string;
  isNew: boolean;
}

/** Share (0-1) of each file that has been sent, of `sent` bytes over all: files travel one after the other. */
export function sentShares(sizes: number[], sent: number): number[] {
  let start = 0;
  return sizes.map((size) => {
    const share = size === 0 ? 1 : Math.min(Math.max((sent - start) / size, 0), 1);
    start += size;
    return share;
  });
}

/** A workspace name made of a label: "My data" → "my-data". */
export function workspaceName(label: string): string {
  return label.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40);
}

export function useUpload() {
  const [upload, setUpload] = useState<Upload>({ state: "idle" });
  const request = useRef<XMLHttpRequest | null>(null);
  const client = useQueryClient();
  const start = useCallback(async (files: File[], to: Destination) => {
    try {
      setUpload({ state: "sending", files, sent: 0 });
      // Asked now: the list on the page may not have come yet when the first file is dropped.
      if (to.isNew && !(await workspaceNames(client)).includes(to.name)) await post("/v1/workspaces", { name: to.name, label: to.label });
      const jobId = await sendFiles(to.name, files, request, (sent) => setUpload({ state: "sending", files, sent }));
      const result = await followJob(jobId, (job) => setUpload({ state: "reading", files, text: job.progress?.text ?? null, share: job.progress?.share ?? null }));
      if (result.tables.length > 0) chooseWorkspace(to.name);
      setUpload({ state: "done", result, workspace: to.name });
    } catch (error) {
      if (error instanceof DOMException) return setUpload({ state: "idle" });
      setUpload({ state: "failed", error: error instanceof ApiError ? error : new ApiError(0, "page", "") });
    } finally {
      await Promise.all([client.invalidateQueries({ queryKey: ["workspaces"] }), client.invalidateQueries({ queryKey: ["model"] })]);
    }
  }, [client]);
  const cancel = useCallback(() => request.current?.abort(), []);
  const reset = useCallback(() => setUpload({ state: "idle" }), []);
  return { upload, start, cancel, reset };
}

/** Upload by XMLHttpRequest, because fetch tells nothing of bytes sent. Returns the job's id. */
function sendFiles(
  workspace: string, files: File[], slot: { current: XMLHttpRequest | null }, onSent: (bytes: number) => void,
): Promise<string> {
  const form = new FormData();
  files.forEach((file) => form.append("files", file, file.webkitRelativePath || file.name));
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    slot.current = request;
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      if (request.status >= 300) return failed(errorFrom(request.status, request.responseText));
      done((JSON.parse(request.responseText) as { job_id: string }).job_id);
    };
    request.onerror = () => failed(new LineError());
    request.onabort = () => failed(new DOMException("stopped", "AbortError"));
    request.open("POST", `/v1/uploads?workspace=${encodeURIComponent(workspace)}`);
    request.send(form);
  });
}

/** Poll a job until it ends. A lost line is waited out: the job goes on without us. */
export async function followJob(id: string, onProgress: (job: Job) => void): Promise<JobResult> {
  for (;;) {
    const job = await getJson<Job>(`/v1/jobs/${encodeURIComponent(id)}`).catch((error: unknown) => {
      if (error instanceof LineError) return null;
      throw error;
    });
    if (job?.state === "done") return job.result ?? { tables: [], problems: [] };
    if (job?.state === "failed") throw new ApiError(422, job.error?.code ?? "job", job.error?.message ?? "", job.error?.hint);
    if (job) onProgress(job);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
