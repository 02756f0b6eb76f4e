import { useQuery } from "@tanstack/react-query";
import { BellPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { useMay } from "@/features/people/rights";
import { useCurrentWorkspace } from "@/features/sources/workspace";
import { readAlert, type Rule, useAlerts, useSaveAlert } from "@/lib/api/alerts";
import { ApiError } from "@/lib/api/errors";
import { timeZone } from "@/lib/format/locale";

interface AlertOfferProps {
  question: string;
  /** Null for the reader's own choice. */
  workspace: string | null;
}

/** A sentence that asks to be told of something is read as a rule, said back, and made when the reader agrees. */
export function AlertOffer({ question, workspace: bound }: AlertOfferProps) {
  const { current } = useCurrentWorkspace();
  const workspace = bound ?? current?.name ?? null;
  const may = useMay(workspace);
  const { data } = useQuery({ queryKey: ["alert-read", workspace, question], staleTime: Infinity, retry: false, enabled: workspace !== null, queryFn: () => readAlert(workspace, question) });
  const { data: alerts } = useAlerts();
  if (!data?.rule || !workspace || !alerts || !may("keep")) return null;
  const wanted = written(data.rule);
  // A conversation that is opened again must not offer what it made.
  if (alerts.some((one) => one.workspace === workspace && written(one.rule) === wanted)) return <Made />;
  return <Offer rule={data.rule} says={data.says} workspace={workspace} />;
}

/** A rule as text, whatever the order of its fields and whether what is empty is left out. */
function written(rule: Rule): string {
  return JSON.stringify(Object.entries(rule).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)).sort(([a], [b]) => a.localeCompare(b)));
}

function Made() {
  const { t } = useTranslation();
  return <Banner tone="info" role="status">{t("alert.offer.made")} <Link to="/alerts" className="font-medium text-accent underline">{t("alert.offer.see")}</Link></Banner>;
}

function Offer({ rule, says, workspace }: { rule: Rule; says: string; workspace: string }) {
  const { t } = useTranslation();
  const [gone, setGone] = useState(false);
  const save = useSaveAlert();
  const make = () =>
    save.mutate({
      id: null, workspace, name: null, rule, looks: { every: "day", at: "08:00", zone: timeZone(), on_data: true },
      target: { channels: ["inbox"], webhook_id: null, teams_id: null, slack_channel: null }, telling: { tell_end: true, remind_days: 7, calm_days: 2 }, escalation: null,
    });
  if (gone) return null;
  if (save.isSuccess) return <Made />;
  return (
    <section aria-label={t("alert.offer.title")} className="flex flex-col gap-3 rounded-card border border-accent bg-accent-soft p-4 text-14">
      <p className="font-medium">{says}</p>
      {save.error instanceof ApiError && <Failure error={save.error} />}
      <div className="flex flex-wrap gap-2">
        <Button look="primary" disabled={save.isPending} icon={<BellPlus aria-hidden className="size-4" />} onClick={make}>{t("alert.offer.make")}</Button>
        <Button look="quiet" onClick={() => setGone(true)}>{t("alert.offer.no")}</Button>
      </div>
    </section>
  );
}
