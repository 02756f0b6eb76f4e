import { Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { useRemoveTable } from "@/lib/api/corrections";
import { ApiError } from "@/lib/api/errors";

/** Leave a table out: a sheet or a file of an archive that is no data. */
export function RemoveTable({ workspace, table, label }: { workspace: string; table: string; label: string }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const gone = useRemoveTable(workspace);
  if (gone.isSuccess) return <p role="status" className="self-center px-3 text-13 text-muted">{t("types.removed")}</p>;
  if (!asking) return <div><Button look="quiet" icon={<Trash2 aria-hidden className="size-4" />} onClick={() => setAsking(true)}>{t("types.removeThis", { table: label })}</Button></div>;
  return (
    <div role="group" aria-label={t("types.removeThis", { table: label })} className="flex flex-wrap items-center gap-2 text-14">
      <span className="px-3">{t("types.removeWhat", { table: label })}</span>
      <Button autoFocus className="text-bad" disabled={gone.isPending} onClick={() => gone.mutate(table)}>{t("history.confirm")}</Button>
      <Button look="quiet" onClick={() => setAsking(false)}>{t("action.cancel")}</Button>
      {gone.error instanceof ApiError && <Failure error={gone.error} />}
    </div>
  );
}
