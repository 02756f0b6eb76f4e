import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { DigestCard } from "@/features/digests/DigestCard";
import { DigestForm } from "@/features/digests/DigestForm";
import { TellPage } from "@/features/digests/TellPage";
import { useCurrentWorkspace } from "@/features/sources/workspace";
import { useDigests } from "@/lib/api/digests";
import { ApiError } from "@/lib/api/errors";

/** What the reader wants to be told regularly. */
export default function DigestsPage() {
  const { t } = useTranslation();
  const query = useDigests();
  const { current } = useCurrentWorkspace();
  const [making, setMaking] = useState(false);
  return (
    <TellPage part="digests">
      <p className="-mt-2 text-14 text-muted">{t("tell.digestsAre")}</p>
      {query.isPending && <Skeleton lines={4} />}
      {query.error instanceof ApiError && <Failure error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.length === 0 && !making && <Empty title={t("tell.noDigests")} />}
      {query.data && query.data.length > 0 && <ul className="flex flex-col gap-3">{query.data.map((one) => <DigestCard key={one.id} digest={one} />)}</ul>}
      {making && current && <DigestForm digest={null} workspace={current.name} onDone={() => setMaking(false)} />}
      {!making && current && <Button look="primary" className="self-start" icon={<Plus aria-hidden className="size-4" />} onClick={() => setMaking(true)}>{t("tell.new")}</Button>}
    </TellPage>
  );
}
