import { useTranslation } from "react-i18next";
import { Failure } from "@/components/Failure";
import { Skeleton } from "@/components/Skeleton";
import { ApiError } from "@/lib/api/errors";
import { formatCount } from "@/lib/format/misc";
import { useSourceSchema } from "./sources";

/** What a source brings and becomes: its lists, and the common tables with the place that each column is read from. */
export function SourceSchemaView({ workspace, id, hook }: { workspace: string; id: string; hook: string | null }) {
  const { t } = useTranslation();
  const schema = useSourceSchema(workspace, id, true);
  if (schema.isPending) return <Skeleton lines={2} />;
  if (schema.error instanceof ApiError) return <Failure error={schema.error} onRetry={() => void schema.refetch()} />;
  return (
    <div className="flex flex-col gap-3 text-13">
      {hook && <p>{t("sources.hook")} <code className="[overflow-wrap:anywhere]">{`${window.location.origin}${hook}`}</code></p>}
      {schema.data?.resources.map((one) => (
        <details key={one.name}>
          <summary className="cursor-pointer">
            {one.name.replaceAll("_", " ")} <span className="text-subtle">{t("sources.rows", { count: one.rows, shown: formatCount(one.rows) })}</span>
          </summary>
          {one.becomes.map((table, number) => (
            <div key={number} className="mt-2 overflow-x-auto" role="region" tabIndex={0} aria-label={table.table}>
              <p className="font-medium">{table.table.replaceAll("_", " ")}</p>
              <table className="text-left">
                <tbody>
                  {table.columns.map((column) => (
                    <tr key={column.name}>
                      <th scope="row" className="pr-4 font-normal">{column.name}</th>
                      <td className="pr-4 text-subtle">{column.type}</td>
                      <td className="text-subtle"><code>{column.from}</code></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          ))}
        </details>
      ))}
    </div>
  );
}
