import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { ApiError } from "@/lib/api/errors";
import { type MetricStatus, type PackSummary, usePack, usePackChange, usePacks } from "@/lib/api/packs";

/** The packs there are, each with what it would bring or how it is bound here. */
export function Packs({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const packs = usePacks(workspace);
  return (
    <section aria-labelledby="packs" className="flex flex-col gap-3">
      <h2 id="packs" className="text-16 font-semibold">{t("packs.title")}</h2>
      {packs.isPending && <Skeleton lines={4} />}
      {packs.error instanceof ApiError && <Failure error={packs.error} onRetry={() => void packs.refetch()} />}
      <ul className="overflow-hidden rounded-card border border-line bg-surface empty:hidden">
        {(packs.data ?? []).map((pack) => <PackRow key={pack.pack} pack={pack} workspace={workspace} />)}
      </ul>
    </section>
  );
}

function PackRow({ pack, workspace }: { pack: PackSummary; workspace: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const change = usePackChange(pack.pack, workspace);
  const held = [
    t("packs.counts.metrics", { count: pack.counts.metrics ?? 0 }),
    t("packs.counts.question_templates", { count: pack.counts["question templates"] ?? 0 }),
    t("packs.counts.passages", { count: pack.counts.passages ?? 0 }),
  ];
  return (
    <li className="flex flex-col gap-2 border-t border-line px-4 py-3 first:border-t-0">
      <div className="flex flex-wrap items-center gap-3">
        <div className="min-w-0 grow">
          <p className="font-medium">{pack.label}</p>
          <p className="text-13 text-subtle">{held.join(" · ")}</p>
        </div>
        {pack.installed
          ? (
            <>
              <Button look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>{t(open ? "packs.hide" : "packs.show")}</Button>
              <Button look="quiet" disabled={change.isPending} aria-label={t("packs.removeThis", { pack: pack.label })} onClick={() => change.mutate("remove")}>{t("packs.remove")}</Button>
              <Button disabled={change.isPending} aria-label={t("packs.upgradeThis", { pack: pack.label })} onClick={() => change.mutate("upgrade")}>{t("packs.upgrade")}</Button>
            </>
          )
          : <Button disabled={change.isPending} aria-label={t("packs.installThis", { pack: pack.label })} onClick={() => change.mutate("install", { onSuccess: () => setOpen(true) })}>{t(change.isPending ? "packs.installing" : "packs.install")}</Button>}
      </div>
      <p className="max-w-[70ch] text-14 text-muted">{pack.description}</p>
      {change.error instanceof ApiError && <Failure error={change.error} />}
      {open && pack.installed && <Bound pack={pack.pack} workspace={workspace} />}
    </li>
  );
}

const STATES: MetricStatus[] = ["bound", "own", "assumed", "review", "missing"];

/** Which metrics can be asked, which rest on an assumption, and what the others lack. */
function Bound({ pack, workspace }: { pack: string; workspace: string }) {
  const { t } = useTranslation();
  const detail = usePack(pack, workspace, true);
  if (detail.isPending) return <Skeleton lines={3} />;
  if (detail.error instanceof ApiError) return <Failure error={detail.error} />;
  if (!detail.data) return null;
  const metrics = Object.values(detail.data.binding.metrics);
  return (
    <dl className="flex flex-col gap-2 text-14">
      {STATES.map((state) => ({ state, found: metrics.filter((m) => m.status === state) })).filter(({ found }) => found.length > 0).map(({ state, found }) => (
        <div key={state}>
          <dt className="text-13 font-medium text-muted">{t(`packs.states.${state}`, { count: found.length })}</dt>
          <dd>
            {state === "missing"
              ? <ul>{found.map((m) => <li key={m.metric}>{m.label} <span className="text-subtle">{t("packs.lacks", { what: m.missing.join(", ") })}</span></li>)}</ul>
              : found.map((m) => m.label).join(", ")}
          </dd>
        </div>
      ))}
      {detail.data.binding.review.map((doubt) => <p key={doubt.id} className="text-13 text-muted">{t("packs.doubt", { share: Math.round(doubt.confidence * 100), finding: doubt.finding })}</p>)}
    </dl>
  );
}
