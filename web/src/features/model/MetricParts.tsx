import { useTranslation } from "react-i18next";
import { Field, Select } from "@/features/people/Field";
import type { SemanticModel } from "@/gen/wire";
import { useFields, useValues } from "@/lib/api/data";
import type { NewMetric } from "@/lib/api/model";
import { figuresOf } from "./figures";

interface PartsProps {
  workspace: string;
  model: SemanticModel;
  wanted: NewMetric;
  onChange: (part: Partial<NewMetric>) => void;
}

interface Choice {
  value: string;
  label: string;
}

const AGGREGATIONS = ["sum", "avg", "min", "max", "median", "count_distinct"] as const;

/** What a new figure is made of, by the way it is made. */
export function MetricParts(props: PartsProps) {
  if (props.wanted.kind === "column") return <ColumnParts {...props} />;
  if (props.wanted.kind === "part") return <PartParts {...props} />;
  return props.wanted.kind === "ratio" ? <RatioParts {...props} /> : <FormulaParts {...props} />;
}

function ColumnParts({ model, wanted, onChange }: PartsProps) {
  const { t } = useTranslation();
  const table = model.tables[wanted.table ?? ""];
  const counts = wanted.agg === "count_distinct";
  const numbers = Object.entries(table?.numbers ?? {}).filter(([, number]) => !number.duration);
  const columns = counts ? [...numbers, ...Object.entries(table?.dimensions ?? {})] : numbers;
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Picked label={t("model.new.table")} value={wanted.table} onChange={(name) => onChange({ table: name, column: "" })} options={Object.entries(model.tables).map(named)} />
      <Select label={t("model.new.agg")} value={wanted.agg ?? "sum"} onChange={(agg) => onChange({ agg: agg as NewMetric["agg"], column: "" })} options={AGGREGATIONS.map((value) => ({ value, label: t(`model.new.aggs.${value}`) }))} />
      <Picked label={t("model.new.column")} value={wanted.column} onChange={(column) => onChange({ column })} options={columns.map(named)} />
    </div>
  );
}

function PartParts({ workspace, model, wanted, onChange }: PartsProps) {
  const { t } = useTranslation();
  const { data: fields = [] } = useFields(workspace);
  const { data: values = [] } = useValues(workspace, wanted.field || null);
  const measures = Object.values(model.tables).flatMap((table) => Object.entries(table.measures));
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Picked label={t("model.figure")} value={wanted.of} onChange={(of) => onChange({ of })} options={measures.map(named)} />
      <Picked label={t("model.new.where")} value={wanted.field} onChange={(field) => onChange({ field, value: "" })} options={fields.map((one) => ({ value: one.field, label: `${one.label} (${one.table})` }))} />
      <Picked label={t("model.new.is")} value={wanted.value} onChange={(value) => onChange({ value })} options={values.map((value) => ({ value, label: value }))} />
    </div>
  );
}

function RatioParts({ model, wanted, onChange }: PartsProps) {
  const { t } = useTranslation();
  const figures = figuresOf(model);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Picked label={t("model.new.over")} value={wanted.numerator} onChange={(numerator) => onChange({ numerator })} options={figures} />
      <Picked label={t("model.new.under")} value={wanted.denominator} onChange={(denominator) => onChange({ denominator })} options={figures} />
    </div>
  );
}

function FormulaParts({ model, wanted, onChange }: PartsProps) {
  const { t } = useTranslation();
  const expr = wanted.expr ?? "";
  return (
    <div className="grid gap-3 sm:grid-cols-[2fr_1fr]">
      <Field label={t("model.new.formula")} hint={t("model.new.formulaHint")} required spellCheck={false} maxLength={1000} value={expr} placeholder="net_revenue - returned_value" onChange={(event) => onChange({ expr: event.target.value })} />
      <Select label={t("model.new.putIn")} value="" onChange={(name) => name && onChange({ expr: `${expr}${expr && !expr.endsWith(" ") ? " " : ""}${name}` })} options={[{ value: "", label: t("model.new.choose") }, ...figuresOf(model)]} />
    </div>
  );
}

/** A list that begins with nothing chosen. */
function Picked({ label, value, onChange, options }: { label: string; value: string | undefined; onChange: (value: string) => void; options: Choice[] }) {
  const { t } = useTranslation();
  return <Select label={label} value={value ?? ""} onChange={onChange} options={[{ value: "", label: t("model.new.choose") }, ...options]} />;
}

function named([name, { label }]: [string, { label: string | null }]): Choice {
  return { value: name, label: label ?? name };
}
