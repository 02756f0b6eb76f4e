// What the data looks like: fields to narrow it by, their values, and some rows.
import { useQuery } from "@tanstack/react-query";
import type { ResultTable } from "@/gen/wire";
import { getJson } from "./http";

export interface FieldInfo {
  field: string;
  label: string;
  table: string;
}

const of = (workspace: string) => `workspace=${encodeURIComponent(workspace)}`;

export function useFields(workspace: string) {
  return useQuery({
    queryKey: ["fields", workspace],
    staleTime: 300_000,
    queryFn: async ({ signal }) => (await getJson<{ items: FieldInfo[] }>(`/v1/fields?${of(workspace)}`, signal)).items,
  });
}

export function useValues(workspace: string, field: string | null) {
  return useQuery({
    queryKey: ["values", workspace, field],
    enabled: field !== null,
    staleTime: 300_000,
    queryFn: async ({ signal }) => (await getJson<{ items: string[] }>(`/v1/fields/${encodeURIComponent(field ?? "")}/values?${of(workspace)}`, signal)).items,
  });
}

export function useRows(workspace: string, table: string, enabled: boolean) {
  return useQuery({
    queryKey: ["rows", workspace, table],
    enabled,
    retry: false,
    queryFn: async ({ signal }) => (await getJson<{ result: ResultTable | null }>(`/v1/tables/${encodeURIComponent(table)}/rows?${of(workspace)}`, signal)).result,
  });
}
