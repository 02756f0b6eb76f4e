import { ArrowRight, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";
import { ColumnTypes } from "@/features/data/ColumnTypes";
import { RemoveTable } from "@/features/data/RemoveTable";
import type { FileProblem, JobResult, LoadedTable } from "@/lib/api/types";
import { formatCount } from "@/lib/format/misc";
import { SampleRows } from "./SampleRows";

interface ParseReportProps {
  result: JobResult;
  workspace: string;
  onMore: () => void;
}

/** What was read from the files, what to know about it, and what could not be read. */
export function ParseReport({ result, workspace, onMore }: ParseReportProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tables, problems } = result;
  return (
    <section aria-label={t("report.title")} className="fade-in flex flex-col gap-3">
      {problems.map((problem) => <Problem key={problem.file + problem.reason} problem={problem} />)}
      {tables.length > 0 && (
        <div className="rounded-card border border-line bg-surface">
          <p role="status" className="flex items-center gap-2 border-b border-line px-4 py-3 text-14 font-medium">
            <CircleCheck aria-hidden className="size-4 text-ok" />
            {t("report.ready", { count: tables.length })}
          </p>
          <ul>{tables.map((table) => <LoadedLine key={table.name} table={table} workspace={workspace} />)}</ul>
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        {tables.length > 0 && <Button look="primary" onClick={() => void navigate("/")}>{t("report.ask")}<ArrowRight aria-hidden className="size-4" /></Button>}
        <Button onClick={onMore}>{t("report.more")}</Button>
      </div>
    </section>
  );
}

function Problem({ problem }: { problem: FileProblem }) {
  const { t } = useTranslation();
  const where = problem.line === null ? problem.file : t("report.line", { file: problem.file, line: problem.line });
  return (
    <Banner tone="bad" role="alert">
      <p><span className="font-medium">{where}</span>: {problem.reason}</p>
      {problem.hint && <p className="text-muted">{problem.hint}</p>}
    </Banner>
  );
}

function LoadedLine({ table, workspace }: { table: LoadedTable; workspace: string }) {
  const { t } = useTranslation();
  const rows = t("count.rows", { count: table.rows, shown: formatCount(table.rows) });
  const columns = t("count.columns", { count: table.columns, shown: formatCount(table.columns) });
  return (
    <li className="border-t border-line px-4 py-2.5 text-14 first:border-t-0">
      <p className="flex flex-wrap justify-between gap-x-4">
        <span className="font-medium wrap-anywhere">{table.name}</span>
        <span className="text-13 text-muted tabular-nums">{rows} · {columns}</span>
      </p>
      {table.warnings.map((warning) => <p key={warning} className="text-13 text-warn">{warning}</p>)}
      <div className="-ms-3 flex flex-wrap gap-x-2 *:min-w-0 *:has-[ul,[role=region]]:basis-full">
        <SampleRows workspace={workspace} table={table.name} />
        <ColumnTypes workspace={workspace} table={table.name} />
        <RemoveTable workspace={workspace} table={table.name} label={table.name} />
      </div>
    </li>
  );
}
