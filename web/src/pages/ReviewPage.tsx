import { Check, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Page } from "@/components/Page";
import { Skeleton } from "@/components/Skeleton";
import { useCurrentWorkspace, workspaceLabel } from "@/features/sources/workspace";
import { type Feedback, type Learned, useFeedback, useJudgeLearned, useLearned, useReviewed } from "@/lib/api/answers";
import { ApiError } from "@/lib/api/errors";
import { formatAgo } from "@/lib/format/misc";

/** What readers taught and what they found wrong, until somebody has decided on it. */
export default function ReviewPage() {
  const { t } = useTranslation();
  const { current } = useCurrentWorkspace();
  return (
    <Page title={t("review.title")}>
      <p className="-mt-4 text-14 text-muted">
        {current && workspaceLabel(current)} · <Link to="/data" className="text-accent underline">{t("model.back")}</Link>
      </p>
      {current && <Taught key={`taught-${current.name}`} workspace={current.name} />}
      {current && <Doubted key={`doubted-${current.name}`} workspace={current.name} />}
    </Page>
  );
}

function Taught({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const learned = useLearned(workspace);
  const judge = useJudgeLearned(workspace);
  const waiting = (learned.data ?? []).filter((one) => one.state === "waiting");
  const inForce = (learned.data ?? []).filter((one) => one.state === "approved");
  const failure = learned.error ?? judge.error;
  const row = (one: Learned) => <LearnedRow key={one.id} one={one} busy={judge.isPending} onJudge={(verdict) => judge.mutate({ id: one.id, verdict })} />;
  return (
    <>
      {failure instanceof ApiError && <Failure error={failure} />}
      <section aria-labelledby="waiting" className="flex flex-col gap-3">
        <h2 id="waiting" className="text-16 font-semibold">{t("review.waiting")}</h2>
        {learned.isPending && <Skeleton lines={2} />}
        {learned.data && waiting.length === 0 && <Empty title={t("review.nothing")}>{t("review.how")}</Empty>}
        {waiting.length > 0 && <ul className="rounded-card border border-line bg-surface">{waiting.map(row)}</ul>}
      </section>
      {inForce.length > 0 && (
        <section aria-labelledby="force" className="flex flex-col gap-3">
          <h2 id="force" className="text-16 font-semibold">{t("review.inForce")}</h2>
          <ul className="rounded-card border border-line bg-surface">{inForce.map(row)}</ul>
        </section>
      )}
    </>
  );
}

interface LearnedRowProps {
  one: Learned;
  busy: boolean;
  onJudge: (verdict: "me" | "everyone" | "remove") => void;
}

function LearnedRow({ one, busy, onJudge }: LearnedRowProps) {
  const { t } = useTranslation();
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-t-0">
      <div className="min-w-0 grow basis-64 text-14 wrap-anywhere">
        <p className="font-medium">{one.kind === "word" ? t("review.word", { said: one.said, means: one.means }) : one.said}</p>
        <p className="text-13 text-subtle">{[t(`review.kind.${one.kind}`), one.state === "approved" ? t(`review.for.${one.scope}`) : null, formatAgo(new Date(one.at))].filter(Boolean).join(" · ")}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        {one.state === "waiting" && <Button disabled={busy} icon={<Check aria-hidden className="size-4 text-ok" />} onClick={() => onJudge("everyone")}>{t("review.everyone")}</Button>}
        {one.state === "waiting" && <Button disabled={busy} onClick={() => onJudge("me")}>{t("review.me")}</Button>}
        <Button disabled={busy} look="quiet" icon={<X aria-hidden className="size-4" />} onClick={() => onJudge("remove")}>{t(one.state === "waiting" ? "review.drop" : "review.takeBack")}</Button>
      </div>
    </li>
  );
}

function Doubted({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const { data = [] } = useFeedback(workspace);
  const reviewed = useReviewed();
  if (data.length === 0) return null;
  return (
    <section aria-labelledby="doubted" className="flex flex-col gap-3">
      <h2 id="doubted" className="text-16 font-semibold">{t("review.doubted")}</h2>
      {reviewed.error instanceof ApiError && <Failure error={reviewed.error} />}
      <ul className="rounded-card border border-line bg-surface">
        {data.map((one) => <DoubtedRow key={one.id} one={one} busy={reviewed.isPending} onDone={() => reviewed.mutate(one.id)} />)}
      </ul>
    </section>
  );
}

function DoubtedRow({ one, busy, onDone }: { one: Feedback; busy: boolean; onDone: () => void }) {
  const { t } = useTranslation();
  const reason = one.reason && one.reason !== "other" ? t(`feedback.reason.${one.reason}`) : null;
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-t-0">
      <div className="min-w-0 grow basis-64 text-14 wrap-anywhere">
        <p className="font-medium">{one.question}</p>
        {one.comment && <p className="text-muted">{one.comment}</p>}
        <p className="text-13 text-subtle">{[reason, one.owner_name, formatAgo(new Date(one.created_at))].filter(Boolean).join(" · ")}</p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Link to={`/?q=${encodeURIComponent(one.question)}`} className="control inline-flex items-center rounded-control border border-edge bg-surface px-3 text-14 font-medium hover:bg-raised">{t("review.try")}</Link>
        <Button disabled={busy} look="quiet" icon={<Check aria-hidden className="size-4" />} onClick={onDone}>{t("review.done")}</Button>
      </div>
    </li>
  );
}
