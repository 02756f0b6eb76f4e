// What columns are taken for, and correcting it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { post, remove } from "./http";

export const KINDS = ["text", "whole", "number", "date", "datetime", "yesno"] as const;
export type ColumnKind = (typeof KINDS)[number];

/** The ways of writing that values of a kind may have; the first is the usual one. */
export const HOWS: Record<ColumnKind, readonly string[]> = {
  text: [], whole: ["point", "comma"], number: ["point", "comma"],
  date: ["ymd", "dmy", "mdy", "swap", "excel", "unix"], datetime: ["ymd", "dmy", "mdy", "swap", "excel", "unix"], yesno: [],
};

export interface Wanted {
  kind: ColumnKind;
  how: string;
  unit?: string;
}

export interface CorrectionOutcome {
  rows: number;
  filled: number;
  kept: number;
  lost_rows: number;
  lost: string[];
  changed: [string, string][];
  applied: boolean;
}

export interface ColumnFacts {
  type: string;
  nulls: number;
  distinct: number;
  unit: string | null;
}

/** What a stored type is called among people. */
export function kindOf(stored: string): ColumnKind | null {
  if (stored === "VARCHAR") return "text";
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(stored)) return "whole";
  if (/^(DECIMAL|DOUBLE|FLOAT)/.test(stored)) return "number";
  if (stored === "DATE") return "date";
  if (stored.startsWith("TIMESTAMP")) return "datetime";
  return stored === "BOOLEAN" ? "yesno" : null;
}

const at = (workspace: string, table: string, column: string) => `/v1/tables/${encodeURIComponent(table)}/columns/${encodeURIComponent(column)}?workspace=${encodeURIComponent(workspace)}`;

/** What a correction would do; nothing is changed. */
export function useTriedCorrection(workspace: string, table: string, column: string, wanted: Wanted) {
  return useQuery({
    queryKey: ["correction", workspace, table, column, wanted],
    retry: false,
    queryFn: async () => (await (await post(at(workspace, table, column), { ...wanted, apply: false })).json()) as CorrectionOutcome,
  });
}

/** After data changed, all that is worked out from it is asked for again. */
function useDataChange<Body, Result>(send: (body: Body) => Promise<Result>) {
  const client = useQueryClient();
  const keys = ["model", "rows", "review", "workspaces", "insights", "fields", "values", "correction"];
  return useMutation({ mutationFn: send, onSuccess: () => Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] }))) });
}

export function useCorrect(workspace: string, table: string, column: string) {
  return useDataChange(async (wanted: Wanted) => (await (await post(at(workspace, table, column), { ...wanted, apply: true })).json()) as CorrectionOutcome);
}

export function useRemoveTable(workspace: string) {
  return useDataChange((table: string) => remove(`/v1/tables/${encodeURIComponent(table)}?workspace=${encodeURIComponent(workspace)}`));
}
