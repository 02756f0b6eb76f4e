// Which workspace new questions go to: the reader's last choice, else the server's default.
import { useSyncExternalStore } from "react";
import { useWorkspaces } from "@/lib/api/queries";
import type { Workspace } from "@/lib/api/types";
import { readSetting, writeSetting } from "@/lib/storage";

let chosen = readSetting("workspace");
const listeners = new Set<() => void>();

export function chooseWorkspace(name: string): void {
  chosen = name;
  writeSetting("workspace", name);
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function workspaceLabel(workspace: Pick<Workspace, "name" | "label">): string {
  return workspace.label ?? workspace.name;
}

export function useCurrentWorkspace() {
  const query = useWorkspaces();
  const name = useSyncExternalStore(subscribe, () => chosen);
  const workspaces = query.data ?? [];
  const current = workspaces.find((w) => w.name === name) ?? workspaces.find((w) => w.default) ?? workspaces[0] ?? null;
  return { query, workspaces, current };
}

/** What a workspace is called, by its name; the name itself where it is not (or no longer) known. */
export function useWorkspaceLabel(name: string): string {
  const found = useWorkspaces().data?.find((one) => one.name === name);
  return found ? workspaceLabel(found) : name;
}
