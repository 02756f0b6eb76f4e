import { Plus } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { useMay } from "@/features/people/rights";
import type { Metric, SemanticModel } from "@/gen/wire";
import { ApiError } from "@/lib/api/errors";
import { type Made, useRemoveMetric } from "@/lib/api/model";
import { formatCell } from "@/lib/format/cell";
import { FieldRow } from "./FieldRow";

const MetricForm = lazy(async () => ({ default: (await import("./MetricForm")).MetricForm }));

/** The named figures of a workspace and how each is made. */
export function Metrics({ workspace, model }: { workspace: string; model: SemanticModel }) {
  const { t } = useTranslation();
  const may = useMay(workspace);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const entries = Object.entries(model.metrics);
  const labels = labelsOf(model);
  const open = () => {
    setMade(null);
    setMaking(true);
  };
  const keep = (next: Made) => {
    setMaking(false);
    setMade(next);
  };
  if (entries.length === 0 && !may("model")) return null;
  return (
    <section aria-labelledby="metrics" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="metrics" className="text-16 font-semibold">{t("model.metrics")}</h2>
        {may("model") && !making && <Button icon={<Plus aria-hidden className="size-4" />} onClick={open}>{t("model.new.title")}</Button>}
      </div>
      {making && <Suspense fallback={<Skeleton lines={6} />}><MetricForm workspace={workspace} model={model} onMade={keep} onCancel={() => setMaking(false)} /></Suspense>}
      {made && <JustMade key={made.name} workspace={workspace} made={made} onGone={() => setMade(null)} />}
      {entries.length > 0 && (
        <ul className="rounded-card border border-line bg-surface px-4 *:first:border-t-0">
          {entries.map(([name, metric]) => (
            <FieldRow key={name} workspace={workspace} what={{ kind: "metric", name }} entry={metric} kind={formula(metric, labels)} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** The figure that was just made, with a way to ask for it and a way back. */
function JustMade({ workspace, made, onGone }: { workspace: string; made: Made; onGone: () => void }) {
  const { t } = useTranslation();
  const removal = useRemoveMetric(workspace);
  // On a phone the form was longer than the screen: what came of it must not lie above what is seen.
  const place = useRef<HTMLDivElement>(null);
  // In braces: newer browsers give a promise back, and an effect may give back only how it is undone.
  useEffect(() => {
    place.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const undo = <Button disabled={removal.isPending} onClick={() => removal.mutate(made.name, { onSuccess: onGone })}>{t("model.new.undo")}</Button>;
  return (
    <div ref={place} className="flex flex-col gap-3">
      <Banner tone="info" role="status" action={undo}>
        {t("model.new.made", { name: made.column.label, value: formatCell(made.total, made.column) })}{" "}
        <Link to={`/?q=${encodeURIComponent(made.column.label)}`} className="text-accent underline">{t("model.new.ask")}</Link>
      </Banner>
      {removal.error instanceof ApiError && <Failure error={removal.error} />}
    </div>
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
