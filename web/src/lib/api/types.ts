// The shapes of the JSON resources beside the answer itself.
import type { Answer, SemanticModel } from "@/gen/wire";

export interface Workspace {
  name: string;
  label: string | null;
  tables: number;
  rows: number;
  updated_at: string | null;
  starters: string[];
  default: boolean;
}

export interface ModelInfo {
  model: SemanticModel;
  profile: { tables: Record<string, TableProfile> };
  data_from: string | null;
  data_through: string | null;
}

export interface TableProfile {
  rows: number;
  columns: Record<string, unknown>;
  /** Whether it came from files, and is not kept up by what is connected. */
  loaded: boolean;
}

export interface ThreadSummary {
  id: string;
  title: string;
  workspace: string;
  pinned: boolean;
  created_at: string;
  updated_at: string;
  turns: number;
}

export interface StoredTurn {
  run_id: string;
  question: string;
  status: "running" | "done" | "failed" | "cancelled";
  created_at: string;
  answer: Answer | null;
  verdict?: "up" | "down" | null;
  error: { code: string; message: string; hint?: string | null } | null;
}

export interface StoredThread {
  id: string;
  title: string;
  workspace: string;
  turns: StoredTurn[];
}

export interface LoadedTable {
  name: string;
  rows: number;
  columns: number;
  origin: string;
  warnings: string[];
}

export interface FileProblem {
  file: string;
  reason: string;
  hint: string | null;
  line: number | null;
}

export interface JobResult {
  tables: LoadedTable[];
  problems: FileProblem[];
}

export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed";
  progress: { text: string; share: number | null } | null;
  result: JobResult | null;
  error: { code: string; message: string; hint: string | null } | null;
}

export interface DashboardSummary {
  id: string;
  title: string;
  workspace: string;
  cards: number;
  updated_at: string;
  mine: boolean;
  shared: boolean;
}

export type CardView = "auto" | "chart" | "table" | "figure";

export interface DashboardCard {
  id: string;
  title: string;
  question: string;
  thread_id: string;
  view: CardView;
  wide: boolean;
}

export interface Dashboard {
  id: string;
  title: string;
  workspace: string;
  version: number;
  mine: boolean;
  shared: boolean;
  cards: DashboardCard[];
}
