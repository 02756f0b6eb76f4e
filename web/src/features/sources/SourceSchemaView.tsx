import { GitBranch } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { CopyButton } from "@/components/CopyButton";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { ApiError } from "@/lib/api/errors";
import { formatCount } from "@/lib/format/misc";
import { type SourceSchema, useLineage, useSourceSchema } from "./sources";

type Becomes = SourceSchema["resources"][number]["becomes"][number];

/** What a source brings and becomes: its lists, and the common tables with the place that each column is read from. */
export function SourceSchemaView({ workspace, id, hook }: { workspace: string; id: string; hook: string | null }) {
  const { t } = useTranslation();
  const schema = useSourceSchema(workspace, id, true);
  const address = hook && `${window.location.origin}${hook}`;
  if (schema.isPending) return <Skeleton lines={2} />;
  if (schema.error instanceof ApiError) return <Failure error={schema.error} onRetry={() => void schema.refetch()} />;
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-3 text-13">
      {address && <p className="flex flex-wrap items-center gap-x-2">{t("sources.hook")} <code className="[overflow-wrap:anywhere]">{address}</code><CopyButton text={() => address} label={t("people.copy")} /></p>}
      {schema.data?.resources.map((one) => (
        <details key={one.name}>
          <summary className="control rounded-control py-1.5">
            {one.name.replaceAll("_", " ")} <span className="text-subtle">{t("sources.rows", { count: one.rows, shown: formatCount(one.rows) })}</span>
          </summary>
          {one.note && <p className="text-muted">{one.note}</p>}
          {one.becomes.length === 0 && <p className="text-subtle">{t("sources.asItIs")}</p>}
          {one.becomes.map((table, number) => <CommonTable key={number} workspace={workspace} becomes={table} />)}
        </details>
      ))}
    </div>
  );
}

function CommonTable({ workspace, becomes }: { workspace: string; becomes: Becomes }) {
  const { t } = useTranslation();
  const [traced, setTraced] = useState(false);
  const name = becomes.table.replaceAll("_", " ");
  return (
    <div className="mb-3 flex flex-col gap-1 ps-4">
      <div className="flex flex-wrap items-center gap-2">
        <p className="font-medium">{t("sources.becomes", { table: name })}</p>
        <Button look="quiet" aria-expanded={traced} icon={<GitBranch aria-hidden className="size-4" />} onClick={() => setTraced(!traced)}>{t("sources.lineage")}</Button>
      </div>
      {traced && <LineageView workspace={workspace} table={becomes.table} />}
      <div className="overflow-x-auto" role="region" tabIndex={0} aria-label={name}>
        <table className="text-start">
          <thead className="sr-only"><tr><th scope="col">{t("sources.column")}</th><th scope="col">{t("types.is")}</th><th scope="col">{t("sources.readFrom")}</th></tr></thead>
          <tbody>
            {becomes.columns.map((column) => (
              <tr key={column.name}>
                <th scope="row" className="pe-4 text-start font-normal">{column.name}</th>
                <td className="pe-4 text-subtle">{column.type}</td>
                <td className="text-subtle"><code>{column.from}</code></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Which sources and lists the rows of a common table come from, beside each other. */
function LineageView({ workspace, table }: { workspace: string; table: string }) {
  const { t } = useTranslation();
  const lineage = useLineage(workspace, table, true);
  if (lineage.isPending) return <Skeleton lines={1} />;
  if (lineage.error instanceof ApiError) return <Failure error={lineage.error} onRetry={() => void lineage.refetch()} />;
  const origins = lineage.data?.origins ?? [];
  const all = Math.max(1, origins.reduce((sum, one) => sum + one.rows, 0));
  if (origins.length === 0) return <p className="text-subtle">{t("sources.noOrigins")}</p>;
  return (
    <ul aria-label={t("sources.lineageOf", { table: table.replaceAll("_", " ") })} className="flex flex-col gap-2 rounded-control bg-canvas p-3">
      {origins.map((one) => (
        <li key={`${one.connection_id} ${one.resource}`} className="flex flex-col gap-1">
          <p className="flex flex-wrap justify-between gap-x-3">
            <span className="wrap-anywhere">{[one.label, one.resource.replaceAll("_", " ")].join(" › ")}{one.only.length > 0 && <span className="text-subtle">{` (${one.only.join(", ")})`}</span>}</span>
            <span className="text-subtle tabular-nums">{t("sources.rows", { count: one.rows, shown: formatCount(one.rows) })}</span>
          </p>
          <progress aria-hidden max={1} value={one.rows / all} className="bar h-1 w-full" />
        </li>
      ))}
    </ul>
  );
}
