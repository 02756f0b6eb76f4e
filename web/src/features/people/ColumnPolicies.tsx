import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { type ColumnPolicy, type Policies, savePolicies, useChange } from "./api";
import { Field, Select } from "./Field";
import { split } from "./RowPolicies";

/** The choice of all personal data in the place of a table: no table has an empty name. */
const EVERYWHERE = "";
const ACTIONS: ColumnPolicy["action"][] = ["hide", "mask"];

/** Who sees which columns of a workspace whole, masked or not at all. */
export function ColumnPolicies({ workspace, data }: { workspace: string; data: Policies }) {
  const { t } = useTranslation();
  const save = useChange(savePolicies);
  const put = (column_policies: ColumnPolicy[]) => save.mutate({ workspace, policies: data.policies, column_policies, public_facts: data.public_facts });
  const who = ({ applies_to, exempt }: ColumnPolicy) => t("people.policies.binds", { who: applies_to.join(", ") || t("people.policies.everybody"), not: exempt.join(", ") || t("people.policies.nobody") });
  return (
    <section aria-labelledby="columns" className="flex flex-col gap-4 border-t border-line pt-6">
      <div>
        <h3 id="columns" className="text-16 font-semibold">{t("people.policies.columnsTitle")}</h3>
        <p className="text-14 text-muted">{t("people.policies.columnsAbout")}</p>
      </div>
      {data.column_policies.length === 0 && <Empty title={t("people.policies.noColumns")} />}
      {data.column_policies.length > 0 && (
        <ul className="rounded-card border border-line bg-surface">
          {data.column_policies.map((one) => (
            <li key={one.name} className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3 text-14 first:border-t-0">
              <div className="min-w-0 grow">
                <p className="font-medium wrap-anywhere">{[one.name, ...(one.table ? [data.labels[one.table] ?? one.table] : [])].join(" · ")}</p>
                <p className="text-13 wrap-anywhere">{t(`people.policies.actions.${one.action}`)}: {one.personal ? t("people.policies.personalOf") : <span className="font-mono">{one.columns.join(", ")}</span>}</p>
                <p className="text-13 text-subtle wrap-anywhere">{who(one)}</p>
              </div>
              <Button aria-label={t("people.policies.removeThis", { name: one.name })} disabled={save.isPending} onClick={() => put(data.column_policies.filter((other) => other !== one))}>{t("people.policies.remove")}</Button>
            </li>
          ))}
        </ul>
      )}
      {save.error instanceof ApiError && <Failure error={save.error} />}
      <NewColumnPolicy data={data} busy={save.isPending} onAdd={(policy) => put([...data.column_policies, policy])} />
    </section>
  );
}

function NewColumnPolicy({ data, busy, onAdd }: { data: Policies; busy: boolean; onAdd: (policy: ColumnPolicy) => void }) {
  const { t } = useTranslation();
  const tables = Object.keys(data.tables);
  const [table, setTable] = useState(data.personal.length > 0 ? EVERYWHERE : (tables[0] ?? EVERYWHERE));
  const [columns, setColumns] = useState<string[]>([]);
  const [action, setAction] = useState<ColumnPolicy["action"]>("hide");
  const [binds, setBinds] = useState("");
  const [exempt, setExempt] = useState("owner, admin");
  const personal = table === EVERYWHERE;
  const free = columnName(personal ? "personal_data" : `${table}_columns`, data.column_policies);
  const toggle = (column: string) => setColumns((now) => (now.includes(column) ? now.filter((one) => one !== column) : [...now, column]));
  return (
    <form
      aria-label={t("people.policies.newColumns")}
      className="grid items-start gap-3 sm:grid-cols-2"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd({ name: free, table: personal ? null : table, columns, personal, action, applies_to: split(binds), exempt: split(exempt) });
        setColumns([]);
      }}
    >
      <Select label={t("people.policies.table")} value={table} onChange={(next) => { setTable(next); setColumns([]); }} options={[{ value: EVERYWHERE, label: t("people.policies.personal") }, ...tables.map((one) => ({ value: one, label: data.labels[one] ?? one }))]} />
      <Select label={t("people.policies.action")} value={action} onChange={(next) => setAction(next as ColumnPolicy["action"])} options={ACTIONS.map((value) => ({ value, label: t(`people.policies.actions.${value}`) }))} />
      {personal ? <PersonalFound data={data} /> : (
        <fieldset className="min-w-0 sm:col-span-2">
          <legend className="text-13 font-medium">{t("people.policies.which")}</legend>
          <div className="flex flex-wrap gap-x-5">
            {(data.tables[table] ?? []).map((column) => (
              <label key={column} className="control flex items-center gap-2 text-14">
                <input type="checkbox" checked={columns.includes(column)} onChange={() => toggle(column)} className="size-4 accent-accent" />
                <span className="font-mono text-13 wrap-anywhere">{column}</span>
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <Field label={t("people.policies.for")} value={binds} hint={t("people.policies.forHint")} onChange={(event) => setBinds(event.target.value)} />
      <Field label={t("people.policies.exempt")} value={exempt} hint={t("people.policies.exemptHint")} onChange={(event) => setExempt(event.target.value)} />
      <Button type="submit" look="primary" disabled={busy || (!personal && columns.length === 0)} className="justify-self-start">{t("people.policies.addColumns")}</Button>
    </form>
  );
}

/** Which columns were found to hold personal data, table by table, with what they hold. */
function PersonalFound({ data }: { data: Policies }) {
  const { t } = useTranslation();
  if (data.personal.length === 0) return <p className="text-13 text-subtle sm:col-span-2">{t("people.policies.personalNone")}</p>;
  const columns = data.personal.map((one) => `${data.labels[one.table] ?? one.table} › ${one.label} (${t(`people.policies.kinds.${one.kind ?? "other"}`)})`);
  return <p className="text-13 text-subtle wrap-anywhere sm:col-span-2">{t("people.policies.personalFound", { columns: columns.join(", ") })}</p>;
}

/** A name for a policy that none has yet. */
function columnName(first: string, policies: ColumnPolicy[]): string {
  const taken = (name: string) => policies.some((one) => one.name === name);
  let name = first;
  for (let n = 2; taken(name); n += 1) name = `${first}_${n}`;
  return name;
}
