import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { ApiError } from "@/lib/api/errors";
import { ColumnPolicies } from "./ColumnPolicies";
import { type Policies, type RowPolicy, savePolicies, useChange, usePolicies } from "./api";
import { Field, Part, Select } from "./Field";

/** Who sees which rows of a workspace. */
export function RowPolicies() {
  const { t } = useTranslation();
  const { current, workspaces } = useCurrentWorkspace();
  const [chosen, setChosen] = useState<string | null>(null);
  const name = chosen ?? current?.name ?? null;
  const { data, error } = usePolicies(name);
  const save = useChange(savePolicies);
  const put = (policies: RowPolicy[]) => {
    if (name && data) save.mutate({ workspace: name, policies, column_policies: data.column_policies, public_facts: data.public_facts });
  };
  return (
    <Part title={t("people.policies.title")} about={t("people.policies.about")}>
      {workspaces.length > 1 && name && <Select label={t("people.place")} value={name} onChange={setChosen} options={workspaces.map((one) => ({ value: one.name, label: workspaceLabel(one) }))} />}
      {[error, save.error].map((one) => one instanceof ApiError && <Failure key={one.code} error={one} />)}
      {data?.policies.length === 0 && <Empty title={t("people.policies.none")} />}
      {data && data.policies.length > 0 && (
        <ul className="rounded-card border border-line bg-surface">
          {data.policies.map((one) => (
            <li key={one.name} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3 text-14 first:border-t-0">
              <div className="min-w-0 grow">
                <p className="font-medium">{one.name} · {data.labels[one.table] ?? one.table}</p>
                <p className="font-mono text-13 wrap-anywhere">{one.where}</p>
                <p className="text-13 text-subtle">{t("people.policies.binds", { who: one.applies_to.join(", ") || t("people.policies.everybody"), not: one.exempt.join(", ") || t("people.policies.nobody") })}</p>
              </div>
              <Button onClick={() => put(data.policies.filter((other) => other !== one))} disabled={save.isPending}>{t("people.policies.remove")}</Button>
            </li>
          ))}
        </ul>
      )}
      {data && <NewPolicy key={name} data={data} busy={save.isPending} onAdd={(policy) => put([...data.policies, policy])} />}
      {data && name && <ColumnPolicies key={`columns of ${name}`} workspace={name} data={data} />}
    </Part>
  );
}

export const split = (text: string) => text.split(",").map((one) => one.trim()).filter(Boolean);

function NewPolicy({ data, busy, onAdd }: { data: Policies; busy: boolean; onAdd: (policy: RowPolicy) => void }) {
  const { t } = useTranslation();
  const tables = Object.keys(data.tables);
  const [table, setTable] = useState(tables[0] ?? "");
  const [name, setName] = useState("");
  const [where, setWhere] = useState("");
  const [binds, setBinds] = useState("");
  const [exempt, setExempt] = useState("owner, admin");
  return (
    <form
      className="grid items-end gap-3 sm:grid-cols-2"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd({ name, table, where, applies_to: split(binds), exempt: split(exempt) });
      }}
    >
      <Field label={t("people.policies.name")} required value={name} onChange={(event) => setName(event.target.value)} />
      <Select label={t("people.policies.table")} value={table} onChange={setTable} options={tables.map((one) => ({ value: one, label: data.labels[one] ?? one }))} />
      <Field label={t("people.policies.where")} required value={where} placeholder="region = {user.region}" hint={t("people.policies.columnsAre", { names: (data.tables[table] ?? []).join(", ") })} onChange={(event) => setWhere(event.target.value)} />
      <Field label={t("people.policies.for")} value={binds} hint={t("people.policies.forHint")} onChange={(event) => setBinds(event.target.value)} />
      <Field label={t("people.policies.exempt")} value={exempt} hint={t("people.policies.exemptHint")} onChange={(event) => setExempt(event.target.value)} />
      <Button type="submit" look="primary" disabled={busy} className="justify-self-start">{t("people.policies.add")}</Button>
    </form>
  );
}
