import { Plug } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { useMay } from "@/features/people/rights";
import { ApiError } from "@/lib/api/errors";
import { formatCount } from "@/lib/format/misc";
import { ConnectForm } from "./ConnectForm";
import { SourceRow } from "./SourceRow";
import { type Going, type SourceCheck, useSourceJobs, useSources } from "./sources";

/** Connected services of a workspace: how fresh each is, loading it, and connecting another. */
export function SourcesPanel({ workspace }: { workspace: string }) {
  const { t } = useTranslation();
  const may = useMay(workspace);
  const sources = useSources(workspace);
  const { going, said, error, connect, refresh } = useSourceJobs(workspace);
  const [adding, setAdding] = useState(false);
  const items = sources.data?.items ?? [];
  return (
    <section aria-labelledby="sources" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="sources" className="text-16 font-semibold">{t("sources.title")}</h2>
        {may("connect") && <Button look={items.length === 0 ? "primary" : "outline"} icon={<Plug aria-hidden className="size-4" />} aria-expanded={adding} onClick={() => setAdding(!adding)}>{t("sources.connect")}</Button>}
      </div>
      {going && <Progress going={going} said={said} />}
      {error && <Failure error={error} />}
      {adding && <ConnectForm busy={going !== null} onConnect={(wish) => void connect(wish, () => setAdding(false))} />}
      {sources.isPending && <Skeleton lines={2} />}
      {sources.error instanceof ApiError && <Failure error={sources.error} onRetry={() => void sources.refetch()} />}
      {sources.data && items.length === 0 && !adding && <Empty title={t("sources.empty")}>{t(may("connect") ? "sources.emptyWhy" : "sources.emptyAsk")}</Empty>}
      {items.length > 0 && (
        <ul aria-label={t("sources.title")} className="divide-y divide-line rounded-card border border-line bg-surface">
          {items.map((one) => <SourceRow key={one.id} workspace={workspace} source={one} going={going} may={may} onRefresh={() => void refresh(one.id)} />)}
        </ul>
      )}
      <Checks checks={sources.data?.checks ?? []} />
    </section>
  );
}

function Progress({ going, said }: { going: Going; said: string }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-2 rounded-card border border-line bg-surface p-4">
      <p role="status" className="text-14">{going.text || (said ? t("sources.loading") : t("sources.working"))}</p>
      {said && <p className="text-13 text-ok">{said}</p>}
      <progress aria-label={t("sources.loading")} max={1} value={going.share ?? undefined} className="bar h-1.5 w-full" />
    </div>
  );
}

/** What the tests of the common tables found wrong. */
function Checks({ checks }: { checks: SourceCheck[] }) {
  const { t } = useTranslation();
  if (checks.length === 0) return null;
  return (
    <section aria-labelledby="checks" className="flex flex-col gap-2">
      <h2 id="checks" className="text-16 font-semibold">{t("sources.checks")}</h2>
      {checks.map((one) => (
        <Banner key={`${one.table} ${one.test}`} tone="warn">
          <p className="font-medium">{t("sources.bad", { table: one.table.replaceAll("_", " "), count: one.bad, shown: formatCount(one.bad) })}</p>
          <p className="text-muted">{one.test}</p>
        </Banner>
      ))}
    </section>
  );
}
