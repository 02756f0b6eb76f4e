import { useTranslation } from "react-i18next";
import type { Dimension, Measure, Table, TimeColumn } from "@/gen/wire";
import { ColumnTypes } from "@/features/data/ColumnTypes";
import { RemoveTable } from "@/features/data/RemoveTable";
import { FieldRow } from "@/features/model/FieldRow";
import type { Described } from "@/features/model/words";
import { useMay } from "@/features/people/rights";
import type { Naming } from "@/lib/api/model";
import type { TableProfile } from "@/lib/api/types";
import { formatCount } from "@/lib/format/misc";
import { SampleRows } from "./SampleRows";

interface TableCardProps {
  workspace: string;
  name: string;
  table: Table;
  profile: TableProfile | undefined;
}

/** A table of the workspace: what it counts, when, by what, and the words it is known by. */
export function TableCard({ workspace, name, table, profile }: TableCardProps) {
  const { t } = useTranslation();
  const may = useMay(workspace);
  const mine = may("load") && profile?.loaded === true;
  const measures = Object.entries(table.measures);
  const times = Object.entries(table.time?.columns ?? {});
  const dimensions = Object.entries(table.dimensions);
  const of = { workspace, table: name };
  return (
    <details className="group border-t border-line first:border-t-0">
      <summary className="control flex flex-wrap items-baseline justify-between gap-x-4 sm:flex-nowrap rounded-control px-4 py-3 hover:bg-raised">
        <span className="min-w-0 wrap-anywhere">
          <span className="font-medium">{table.label ?? name}</span>
          {table.description && <span className="block text-13 text-muted">{table.description}</span>}
        </span>
        <span className="shrink-0 text-13 text-subtle tabular-nums">
          {profile && <Size rows={profile.rows} columns={Object.keys(profile.columns).length} />}
        </span>
      </summary>
      <div className="flex flex-col gap-4 px-4 pt-1 pb-4">
        <ul><FieldRow workspace={workspace} what={{ kind: "table", table: name }} entry={table} kind={t("data.table")} /></ul>
        <div className="flex flex-col gap-1">
          <SampleRows workspace={workspace} table={name} />
          {mine && <ColumnTypes workspace={workspace} table={table.source} />}
          {mine && <RemoveTable workspace={workspace} table={table.source} label={table.label ?? name} />}
        </div>
        <FieldList title={t("data.measures")} {...of} kind="measure" fields={measures} kindOf={(measure: Measure) => measure.agg.replaceAll("_", " ")} />
        <FieldList title={t("data.times")} {...of} kind="time" fields={times} kindOf={(time: TimeColumn) => time.kind} />
        <FieldList title={t("data.dimensions")} {...of} kind="dimension" fields={dimensions} kindOf={(dimension: Dimension) => dimension.type ?? "text"} />
      </div>
    </details>
  );
}

function Size({ rows, columns }: { rows: number; columns: number }) {
  const { t } = useTranslation();
  const parts = [t("count.rows", { count: rows, shown: formatCount(rows) }), t("count.columns", { count: columns, shown: formatCount(columns) })];
  return <>{parts.join(" · ")}</>;
}

interface FieldListProps<T extends Described> {
  title: string;
  workspace: string;
  table: string;
  kind: Naming["kind"];
  fields: [string, T][];
  kindOf: (field: T) => string;
}

function FieldList<T extends Described>({ title, workspace, table, kind, fields, kindOf }: FieldListProps<T>) {
  if (fields.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-13 font-medium text-subtle">{title}</h3>
      <ul>
        {fields.map(([name, field]) => <FieldRow key={name} workspace={workspace} what={{ kind, table, name }} entry={field} kind={kindOf(field)} />)}
      </ul>
    </section>
  );
}
