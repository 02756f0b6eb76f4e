import { Check, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { type ReviewItem, useReview, useVerdict } from "@/lib/api/model";

/** What was assumed about the data and nobody has decided yet, the least sure first; nothing when there is nothing. */
export function Review({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const { data: items = [] } = useReview(workspace);
  const verdict = useVerdict(workspace);
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="review" className="flex flex-col gap-3">
      <div>
        <h2 id="review" className="text-16 font-semibold">{t("model.review")}</h2>
        <p className="text-13 text-subtle">{t("model.reviewWhy")}</p>
      </div>
      {verdict.error instanceof ApiError && <Failure error={verdict.error} />}
      <ul className="rounded-card border border-line bg-surface">
        {items.map((item) => <Assumed key={item.id} item={item} busy={verdict.isPending} onDecide={(choice) => verdict.mutate({ id: item.id, verdict: choice })} />)}
      </ul>
    </section>
  );
}

interface AssumedProps {
  item: ReviewItem;
  busy: boolean;
  onDecide: (verdict: "accepted" | "rejected") => void;
}

function Assumed({ item, busy, onDecide }: AssumedProps) {
  const { t } = useTranslation();
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-t-0">
      <div className="min-w-0 grow basis-64 text-14 wrap-anywhere">
        <p className="font-medium">{item.finding}</p>
        <p className="text-13 text-muted">{item.effect}</p>
        {item.evidence && <p className="text-13 text-subtle">{item.evidence}</p>}
      </div>
      <div className="flex gap-2">
        <Button disabled={busy} icon={<Check aria-hidden className="size-4 text-ok" />} aria-label={t("model.acceptThis", { finding: item.finding })} onClick={() => onDecide("accepted")}>{t("model.accept")}</Button>
        <Button disabled={busy} look="quiet" icon={<X aria-hidden className="size-4" />} aria-label={t("model.rejectThis", { finding: item.finding })} onClick={() => onDecide("rejected")}>{t("model.reject")}</Button>
      </div>
    </li>
  );
}
