import { CircleAlert, CircleCheck, CircleDashed, CircleStop, LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { cx } from "@/components/cx";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { ApiError } from "@/lib/api/errors";
import { isGoing, type ListedJob, useJobs, useStopJob } from "@/lib/api/jobs";
import { formatAgo, formatCount } from "@/lib/format/misc";

const LOOKS = {
  queued: { tint: "text-subtle", Icon: CircleDashed }, running: { tint: "text-accent", Icon: LoaderCircle },
  done: { tint: "text-ok", Icon: CircleCheck }, failed: { tint: "text-bad", Icon: CircleAlert }, stopped: { tint: "text-subtle", Icon: CircleStop },
} as const;

/** What was loaded, refreshed and trained lately, how far what is going on is, and a way to stop it. */
export function JobList({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const jobs = useJobs(workspace);
  const stop = useStopJob();
  if (jobs.isPending) return <Skeleton lines={4} />;
  if (jobs.error instanceof ApiError) return <Failure error={jobs.error} onRetry={() => void jobs.refetch()} />;
  return (
    <section aria-label={t("data.part.loads")} className="flex flex-col gap-3">
      <p className="text-14 text-muted">{t("jobs.about")}</p>
      {stop.error instanceof ApiError && <Failure error={stop.error} />}
      {jobs.data?.length === 0 && <Empty title={t("jobs.none")} />}
      {jobs.data && jobs.data.length > 0 && (
        <ul aria-label={t("data.part.loads")} className="rounded-card border border-line bg-surface">
          {jobs.data.map((job) => <Line key={job.id} job={job} busy={stop.isPending} onStop={() => stop.mutate(job.id)} />)}
        </ul>
      )}
    </section>
  );
}

function Line({ job, busy, onStop }: { job: ListedJob; busy: boolean; onStop: () => void }) {
  const { t } = useTranslation();
  const state = job.error?.code === "stopped" ? "stopped" : job.state;
  const { tint, Icon } = LOOKS[state];
  const going = isGoing(job);
  const tables = job.result?.tables ?? [];
  const brought = tables.slice(0, 3).map(({ name, rows }) => `${name.replaceAll("_", " ")} (${formatCount(rows)})`).join(", ");
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-2 border-t border-line px-4 py-3 text-14 first:border-t-0">
      <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", tint, state === "running" && "motion-safe:animate-spin")} />
      <div className="min-w-0 grow basis-48">
        <p><span className="font-medium">{t(`jobs.kind.${job.kind}`)}</span> <span className={cx("text-13", tint)}>{t(`jobs.state.${state}`)}</span></p>
        <p className="text-13 text-subtle wrap-anywhere">{[formatAgo(new Date(job.created_at)), brought, tables.length > 3 && t("jobs.more", { count: tables.length - 3 })].filter(Boolean).join(" · ")}</p>
        {going && <p className="text-13 text-muted">{job.progress?.text}</p>}
        {going && <progress aria-label={t(`jobs.kind.${job.kind}`)} max={1} value={job.progress?.share ?? undefined} className="bar mt-1 h-1.5 w-full" />}
        {job.error && state === "failed" && <p className="text-13 text-bad wrap-anywhere">{[job.error.message, job.error.hint].filter(Boolean).join(" ")}</p>}
        {job.result?.problems.map((one) => <p key={one.file + one.reason} className="text-13 text-warn wrap-anywhere">{`${one.file}: ${one.reason}`}</p>)}
      </div>
      {going && <Button disabled={busy} icon={<CircleStop aria-hidden className="size-4" />} onClick={onStop}>{t("jobs.stop")}</Button>}
    </li>
  );
}
