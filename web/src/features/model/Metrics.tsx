import { useTranslation } from "react-i18next";
import type { Metric, SemanticModel } from "@/gen/wire";
import { FieldRow } from "./FieldRow";

/** The named figures of a workspace and how each is made. */
export function Metrics({ workspace, model }: { workspace: string; model: SemanticModel }) {
  const { t } = useTranslation();
  const entries = Object.entries(model.metrics);
  const labels = labelsOf(model);
  if (entries.length === 0) return null;
  return (
    <section aria-labelledby="metrics" className="flex flex-col gap-3">
      <h2 id="metrics" className="text-16 font-semibold">{t("model.metrics")}</h2>
      <ul className="rounded-card border border-line bg-surface px-4 *:first:border-t-0">
        {entries.map(([name, metric]) => (
          <FieldRow key={name} workspace={workspace} what={{ kind: "metric", name }} entry={metric} kind={formula(metric, labels)} />
        ))}
      </ul>
    </section>
  );
}

/** What each figure is called, by its name in the model. */
function labelsOf(model: SemanticModel): Map<string, string> {
  const measures = Object.values(model.tables).flatMap((table) => Object.entries(table.measures));
  return new Map([...measures, ...Object.entries(model.metrics)].map(([name, { label }]) => [name, label ?? name]));
}

function formula(metric: Metric, labels: Map<string, string>): string {
  const called = (name: string | null) => (name === null ? "" : (labels.get(name) ?? name));
  if (metric.kind === "ratio") return `${called(metric.numerator)} ÷ ${called(metric.denominator)}`;
  const parts = [metric.expr ?? called(metric.measure ?? metric.metric), metric.where && `(${metric.where})`];
  return parts.filter(Boolean).join(" ") || metric.kind;
}
