import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/components/CopyButton";
import type { EvidenceItem } from "@/gen/wire";
import { formatCount, formatMs } from "@/lib/format/misc";
import { type SqlKind, sqlTokens } from "./sql";

const LOOKS: Record<SqlKind, string> = {
  keyword: "text-accent font-medium",
  string: "text-ok",
  number: "text-warn",
  comment: "text-subtle italic",
  plain: "",
};

/** The queries that were run, as they were run. */
export function QueryTab({ items }: { items: EvidenceItem[] }) {
  const { t } = useTranslation();
  if (items.length === 0) return <p className="text-14 text-muted">{t("evidence.noQuery")}</p>;
  return (
    <div className="flex flex-col gap-6">
      {items.map((item) => <Query key={item.id} item={item} />)}
    </div>
  );
}

function Query({ item }: { item: EvidenceItem }) {
  const { t } = useTranslation();
  const { sql } = item;
  return (
    <section aria-label={t("evidence.query", { id: item.id })}>
      <div className="flex items-center justify-between gap-2">
        <p className="text-13 text-muted">
          {[item.tables.join(", "), t("count.rows", { count: item.rows, shown: formatCount(item.rows) }), formatMs(item.ms)].filter(Boolean).join(" · ")}
        </p>
        {sql && <CopyButton label={t("copy.sql")} text={() => sql} />}
      </div>
      {sql ? <Sql sql={sql} /> : <p className="text-14 text-muted">{t("evidence.noSql", { tool: item.tool })}</p>}
    </section>
  );
}

function Sql({ sql }: { sql: string }) {
  const { t } = useTranslation();
  const tokens = useMemo(() => sqlTokens(sql), [sql]);
  return (
    <pre tabIndex={0} role="region" aria-label={t("evidence.sql")} className="mt-1 overflow-x-auto whitespace-pre-wrap wrap-anywhere rounded-control border border-line bg-canvas p-3 font-mono text-13 leading-relaxed">
      <code>
        {tokens.map((token, i) => <span key={i} className={LOOKS[token.kind]}>{token.text}</span>)}
      </code>
    </pre>
  );
}
