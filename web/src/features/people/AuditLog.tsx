import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/Button";
import { Empty } from "@/components/Empty";
import { Failure } from "@/components/Failure";
import { ApiError } from "@/lib/api/errors";
import { useAudit } from "./api";
import { Field, Part } from "./Field";

/** What was done, and by whom, newest first. */
export function AuditLog() {
  const { t, i18n } = useTranslation();
  // An action that this page does not know yet is shown as it is kept.
  const did = (action: string) => {
    const key = `people.audit.did.${action.replaceAll(".", "_")}`;
    return i18n.exists(key) ? t(`people.audit.did.${action.replaceAll(".", "_") as "key_made"}`) : action;
  };
  const [words, setWords] = useState("");
  const [before, setBefore] = useState<number | null>(null);
  const { data, error } = useAudit(words, before);
  const seek = (text: string) => {
    setBefore(null);
    setWords(text);
  };
  return (
    <Part title={t("people.audit.title")} about={t("people.audit.about")}>
      <Field label={t("people.audit.search")} type="search" value={words} onChange={(event) => seek(event.target.value)} />
      {error instanceof ApiError && <Failure error={error} />}
      {data?.items.length === 0 && <Empty title={t("people.audit.none")} />}
      {data && data.items.length > 0 && (
        <ol className="rounded-card border border-line bg-surface">
          {data.items.map((one) => (
            <li key={one.seq} className="grid gap-x-3 border-t border-line px-4 py-2 text-14 first:border-t-0 sm:grid-cols-[auto_1fr]">
              <time dateTime={one.at} className="text-13 whitespace-nowrap text-subtle tabular-nums">{new Date(one.at).toLocaleString()}</time>
              <span className="min-w-0 wrap-anywhere">
                <span className="font-medium">{one.actor_name}</span> <span title={one.action}>{did(one.action)}</span>
                <span className="text-subtle"> {[one.workspace, named(one.target)].filter(Boolean).join(" · ")}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
      <div className="flex gap-2">
        {before !== null && <Button onClick={() => setBefore(null)}>{t("people.audit.newest")}</Button>}
        {data?.before && <Button onClick={() => setBefore(data.before)}>{t("people.audit.older")}</Button>}
      </div>
    </Part>
  );
}

/** What it was done to; an address says no more than the words for what was done. */
function named(target: string): string | null {
  return target.startsWith("/v1/") ? null : target;
}
