import { useTranslation } from "react-i18next";
import type { Dimension, Measure, Table, TimeColumn } from "@/gen/wire";
import type { TableProfile } from "@/lib/api/types";
import { formatCount } from "@/lib/format/misc";

interface TableCardProps {
  name: string;
  table: Table;
  profile: TableProfile | undefined;
}

/** A table of the workspace: what it counts, when, by what, and the words it is known by. */
export function TableCard({ name, table, profile }: TableCardProps) {
  const { t } = useTranslation();
  const measures = Object.entries(table.measures);
  const times = Object.entries(table.time?.columns ?? {});
  const dimensions = Object.entries(table.dimensions);
  return (
    <details className="group border-t border-line first:border-t-0">
      <summary className="control flex flex-wrap items-baseline justify-between gap-x-4 rounded-control px-4 py-3 hover:bg-raised">
        <span className="min-w-0 wrap-anywhere">
          <span className="font-medium">{table.label ?? name}</span>
          {table.description && <span className="block text-13 text-muted">{table.description}</span>}
        </span>
        <span className="text-13 text-subtle tabular-nums">
          {profile && <Size rows={profile.rows} columns={Object.keys(profile.columns).length} />}
        </span>
      </summary>
      <div className="flex flex-col gap-4 px-4 pt-1 pb-4">
        <FieldList title={t("data.measures")} fields={measures} kindOf={(measure: Measure) => measure.agg.replaceAll("_", " ")} />
        <FieldList title={t("data.times")} fields={times} kindOf={(time: TimeColumn) => time.kind} />
        <FieldList title={t("data.dimensions")} fields={dimensions} kindOf={(dimension: Dimension) => dimension.type ?? "text"} />
      </div>
    </details>
  );
}

function Size({ rows, columns }: { rows: number; columns: number }) {
  const { t } = useTranslation();
  const parts = [t("count.rows", { count: rows, shown: formatCount(rows) }), t("count.columns", { count: columns, shown: formatCount(columns) })];
  return <>{parts.join(" · ")}</>;
}

interface Field {
  label: string | null;
  description: string | null;
}

interface FieldListProps<T extends Field> {
  title: string;
  fields: [string, T][];
  kindOf: (field: T) => string;
}

function FieldList<T extends Field>({ title, fields, kindOf }: FieldListProps<T>) {
  if (fields.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-13 font-medium text-subtle">{title}</h3>
      <ul className="grid gap-x-6 sm:grid-cols-2">
        {fields.map(([name, field]) => (
          <li key={name} className="flex justify-between gap-3 border-t border-line py-1.5 text-14">
            <span className="min-w-0 wrap-anywhere">
              {field.label ?? name}
              {field.description && <span className="block text-13 text-muted">{field.description}</span>}
            </span>
            <span className="shrink-0 text-13 text-subtle">{kindOf(field)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
