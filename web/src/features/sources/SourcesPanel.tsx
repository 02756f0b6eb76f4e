import { Plug, RefreshCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { cx } from "@/components/cx";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { ApiError } from "@/lib/api/errors";
import { formatAgo, formatCount } from "@/lib/format/misc";
import { ConnectForm } from "./ConnectForm";
import { SourceSchemaView } from "./SourceSchemaView";
import { type Source, type SourceState, useSourceJobs, useSources } from "./sources";

const TONES: Record<SourceState, string> = {
  new: "text-subtle", fresh: "text-good", stale: "text-warn", attention: "text-warn", failing: "text-bad", listening: "text-subtle",
};

/** Connected services of a workspace: how fresh each is, loading it, and connecting another. */
export function SourcesPanel({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const sources = useSources(workspace);
  const jobs = useSourceJobs(workspace);
  const [adding, setAdding] = useState(false);
  const connect = async (source: string, settings: Record<string, string>, environment: string) => {
    if (await jobs.connect(source, settings, environment)) setAdding(false);
  };
  return (
    <section aria-labelledby="sources" className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-3">
        <h2 id="sources" className="text-16 font-semibold">{t("sources.title")}</h2>
        <Button icon={<Plug aria-hidden className="size-4" />} aria-expanded={adding} onClick={() => setAdding(!adding)}>{t("sources.connect")}</Button>
      </div>
      {jobs.progress !== null && <p role="status" className="text-13 text-subtle">{jobs.progress || t("sources.working")}</p>}
      {jobs.error && <Failure error={jobs.error} />}
      {adding && <ConnectForm busy={jobs.progress !== null} onConnect={(...asked) => void connect(...asked)} />}
      {sources.isPending && <Skeleton lines={1} />}
      {sources.error instanceof ApiError && <Failure error={sources.error} onRetry={() => void sources.refetch()} />}
      {sources.data && sources.data.length === 0 && !adding && <p className="text-14 text-subtle">{t("sources.empty")}</p>}
      {sources.data && sources.data.length > 0 && (
        <ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-surface">
          {sources.data.map((one) => <Row key={one.id} workspace={workspace} source={one} busy={jobs.progress !== null} onRefresh={() => void jobs.refresh(one.id)} />)}
        </ul>
      )}
    </section>
  );
}

function Row({ workspace, source, busy, onRefresh }: { workspace: string; source: Source; busy: boolean; onRefresh: () => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { state, detail, loaded_at: loaded, rows } = source.health;
  return (
    <li className="flex flex-col gap-2 px-4 py-3">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="min-w-0 grow basis-48">
          <p className="font-medium [overflow-wrap:anywhere]">
            {source.label} <span className={cx("text-13 font-normal", TONES[state])}>{t(`sources.state.${state}`)}</span>
          </p>
          <p className="text-13 text-subtle [overflow-wrap:anywhere]">
            {[t("sources.rows", { count: rows, shown: formatCount(rows) }), loaded && t("data.updated", { when: formatAgo(new Date(loaded)) }), source.waiting > 0 && t("sources.waiting", { count: source.waiting })].filter(Boolean).join(" · ")}
          </p>
          {state !== "fresh" && <p className="text-13 [overflow-wrap:anywhere]">{detail}</p>}
        </div>
        <Button look="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>{t("sources.schema")}</Button>
        <Button icon={<RefreshCw aria-hidden className="size-4" />} disabled={busy} onClick={onRefresh}>{t("sources.refresh")}</Button>
      </div>
      {open && <SourceSchemaView workspace={workspace} id={source.id} hook={source.hook} />}
    </li>
  );
}
