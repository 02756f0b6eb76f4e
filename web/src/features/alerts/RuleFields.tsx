import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { figuresOf } from "@/features/model/figures";
import { Field, Select } from "@/features/people/Field";
import type { Rule, RuleKind } from "@/lib/api/alerts";
import { useModel } from "@/lib/api/queries";
import { type Condition, Narrowing, SegmentChoice } from "./Narrowing";
import { CHOICES, freshRule, KINDS, needsColumn, NUMBERS, onTable, shownNumber, withChoice, withNumber } from "./rules";

const SEVERITIES = ["info", "warning", "critical"] as const;

interface RuleFieldsProps {
  workspace: string;
  rule: Rule | null;
  onChange: (rule: Rule) => void;
}

/** What is watched: the kind of trouble, the figure or table, and when it counts as trouble. */
export function RuleFields({ workspace, rule, onChange }: RuleFieldsProps) {
  const { t } = useTranslation();
  const about = useAbout(workspace);
  const [metric, table] = [about.metrics[0]?.value ?? "", about.tables[0]?.value ?? ""];
  const now = rule ?? freshRule("threshold", metric, table);
  const text = (field: string) => String(now[field] ?? "");
  const start = (kind: RuleKind) => onChange(freshRule(kind, text("metric") || metric, text("table") || table));
  if (about.tables.length === 0) return null;
  const columns = about.columns.get(text("table")) ?? [];
  return (
    <div className="grid items-end gap-3 sm:grid-cols-2">
      <Select label={t("alert.kind")} value={now.kind} onChange={(kind) => start(kind as RuleKind)} options={KINDS.filter((kind) => onTable(kind) || about.metrics.length > 0).map((value) => ({ value, label: t(`alert.kinds.${value}`) }))} />
      {onTable(now.kind)
        ? <Select label={t("people.policies.table")} value={text("table")} onChange={(value) => onChange({ ...now, table: value, ...(needsColumn(now) && { column: about.columns.get(value)?.[0]?.value ?? null }) })} options={about.tables} />
        : <Select label={t("tell.goal.figure")} value={text("metric")} onChange={(value) => onChange({ ...now, metric: value })} options={about.metrics} />}
      {Object.entries(CHOICES[now.kind]).map(([field, values]) => (
        <Select
          key={field}
          label={t(`alert.fields.${field as "direction"}`)}
          value={text(field)}
          onChange={(value) => onChange(fit(withChoice(now, field, value), columns))}
          options={(values as readonly string[]).map((value) => ({ value, label: t(`alert.choices.${value as "below"}`) }))}
        />
      ))}
      {needsColumn(now) && <Select label={t("alert.column")} value={text("column")} onChange={(value) => onChange({ ...now, column: value })} options={columns} />}
      <NumberField rule={now} onChange={onChange} />
      {now.kind === "threshold" && <Field label={t("alert.periods")} type="number" min={1} max={10} value={text("periods") || "1"} onChange={(event) => onChange({ ...now, periods: Number(event.target.value) || 1 })} />}
      {now.kind === "anomaly" && <Select label={t("alert.least")} value={text("least") || "warning"} onChange={(least) => onChange({ ...now, least })} options={SEVERITIES.map((value) => ({ value, label: t(`alert.severity.${value}`) }))} />}
      {!onTable(now.kind) && now.kind !== "forecast" && now.kind !== "goal" && <SegmentChoice workspace={workspace} value={text("by") || null} onChange={(by) => onChange({ ...now, by })} />}
      {!onTable(now.kind) && <div className="sm:col-span-2"><Narrowing workspace={workspace} filters={(now.filters as Condition[] | undefined) ?? []} onChange={(filters) => onChange({ ...now, filters })} /></div>}
      <p className="text-13 text-subtle sm:col-span-2">{t(`alert.about.${now.kind}`)}</p>
    </div>
  );
}

/** A check of a column begins with the first one. */
function fit(rule: Rule, columns: { value: string }[]): Rule {
  return needsColumn(rule) && !rule.column ? { ...rule, column: columns[0]?.value ?? null } : rule;
}

function NumberField({ rule, onChange }: { rule: Rule; onChange: (rule: Rule) => void }) {
  const { t } = useTranslation();
  const asked = NUMBERS[rule.kind];
  if (!asked) return null;
  const label = t(`alert.numbers.${asked.field as "level"}`);
  return <Field key={rule.kind} label={asked.percent ? t("alert.percent", { label }) : label} type="number" step="any" required={asked.required} defaultValue={shownNumber(rule)} onChange={(event) => onChange(withNumber(rule, event.target.value))} />;
}

function useAbout(workspace: string) {
  const { data } = useModel(workspace);
  return useMemo(() => {
    const tables = Object.entries(data?.model.tables ?? {});
    const metrics = figuresOf(data?.model);
    const columns = new Map(tables.map(([name, table]) => [name, Object.keys(data?.profile.tables[table.source]?.columns ?? {}).map((value) => ({ value, label: value }))]));
    return { metrics, tables: tables.map(([value, { label }]) => ({ value, label: label ?? value })), columns };
  }, [data]);
}

/** The rule of a form that nobody has touched yet. */
export function useFirstRule(workspace: string): Rule | null {
  const { metrics, tables } = useAbout(workspace);
  if (tables.length === 0) return null;
  return metrics[0] ? freshRule("threshold", metrics[0].value, "") : freshRule("freshness", "", tables[0]?.value ?? "");
}
