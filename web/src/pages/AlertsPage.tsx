import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { AlertCard } from "@/features/alerts/AlertCard";
import { AlertForm } from "@/features/alerts/AlertForm";
import { Incidents } from "@/features/alerts/Incidents";
import { InWords } from "@/features/alerts/InWords";
import { WishesForm } from "@/features/alerts/WishesForm";
import { TellPage } from "@/features/digests/TellPage";
import { useMay } from "@/features/people/rights";
import { useCurrentWorkspace } from "@/features/sources/workspace";
import { type Rule, useAlerts } from "@/lib/api/alerts";
import { ApiError } from "@/lib/api/errors";

/** What the reader wants to hear of when it happens, and what lasts now. */
export default function AlertsPage() {
  const { t } = useTranslation();
  const query = useAlerts();
  const { current } = useCurrentWorkspace();
  const may = useMay(current?.name);
  const [making, setMaking] = useState(false);
  const [prepared, setPrepared] = useState<Rule | null>(null);
  const make = (rule: Rule | null) => {
    setPrepared(rule);
    setMaking(true);
  };
  return (
    <TellPage part="alerts">
      <p className="-mt-2 text-14 text-muted">{t("alert.are")}</p>
      {query.isPending && <Skeleton lines={4} />}
      {query.error instanceof ApiError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      <Incidents />
      {query.data?.length === 0 && !making && <Empty title={t("alert.none")} />}
      {query.data && query.data.length > 0 && (
        <section aria-labelledby="watched">
          <h2 id="watched" className="mb-1 text-16 font-semibold">{t("alert.watched")}</h2>
          <ul className="flex flex-col gap-3">{query.data.map((one) => <AlertCard key={one.id} alert={one} />)}</ul>
        </section>
      )}
      {!making && current && may("keep") && <InWords key={current.name} workspace={current.name} onRule={make} />}
      {making && current && <AlertForm alert={null} prepared={prepared} workspace={current.name} onDone={() => setMaking(false)} />}
      {!making && current && may("keep") && <Button className="self-start" icon={<Plus aria-hidden className="size-4" />} onClick={() => make(null)}>{t("alert.new")}</Button>}
      {may("keep") && <WishesForm />}
    </TellPage>
  );
}
