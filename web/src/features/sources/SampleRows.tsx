import { Rows3 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { DataTable } from "@/features/tables/DataTable";
import { useRows } from "@/lib/api/data";
import { ApiError } from "@/lib/api/errors";

/** A few rows of a table, fetched when somebody wants to see what the columns hold. */
export function SampleRows({ workspace, table }: { workspace: string; table: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const rows = useRows(workspace, table, shown);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <div><Button look="quiet" aria-expanded={shown} icon={<Rows3 aria-hidden className="size-4" />} onClick={() => setShown(!shown)}>{t(shown ? "data.hideRows" : "data.showRows")}</Button></div>
      {shown && rows.isPending && <Skeleton lines={3} />}
      {rows.error instanceof ApiError && <Failure error={rows.error} />}
      {shown && rows.data && <DataTable table={{ ...rows.data, total_rows: rows.data.rows.length }} traced={null} />}
    </div>
  );
}
