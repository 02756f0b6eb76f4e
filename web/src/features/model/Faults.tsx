import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { displayLocale } from "@/lib/format/locale";
import type { Trial } from "@/lib/api/model";

/** What a trial of a changed model found: its faults by line, and the figures that would change. */
export function Faults({ trial, onLine }: { trial: Trial; onLine: (line: number) => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col gap-3">
      {trial.findings.length === 0 && <Banner tone="info">{t("model.noFaults")}</Banner>}
      {trial.findings.map((fault) => (
        <Banner key={`${fault.where}${fault.message}`} tone={fault.severity === "error" ? "bad" : "warn"}>
          {fault.line !== null && <button type="button" className="me-2 underline" onClick={() => onLine(fault.line ?? 1)}>{t("model.line", { line: fault.line })}</button>}
          {fault.message} {fault.hint}
        </Banner>
      ))}
      {trial.changes.length > 0 && <Changes changes={trial.changes} />}
    </div>
  );
}

function Changes({ changes }: Pick<Trial, "changes">) {
  const { t } = useTranslation();
  const cell = "border-t border-line px-3 py-1.5 text-end tabular-nums";
  return (
    <div role="region" tabIndex={0} aria-label={t("model.changes")} className="overflow-x-auto rounded-card border border-line bg-surface">
      <table className="w-full text-14">
        <caption className="px-3 py-2 text-start font-medium">{t("model.changes")}</caption>
        <thead className="text-13 text-subtle">
          <tr>
            <th scope="col" className="px-3 py-1 text-start font-medium">{t("model.figure")}</th>
            <th scope="col" className="px-3 py-1 text-end font-medium">{t("model.before")}</th>
            <th scope="col" className="px-3 py-1 text-end font-medium">{t("model.after")}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ before, after }) => (
            <tr key={before?.name ?? after?.name}>
              <th scope="row" className="border-t border-line px-3 py-1.5 text-start font-normal">{after?.label ?? before?.label}</th>
              <td className={cell}>{shown(before?.total)}</td>
              <td className={cell}>{shown(after?.total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "–";
  const number = Number(value);
  if (typeof value === "boolean" || !Number.isFinite(number)) return String(value);
  const places = Math.abs(number) >= 1 ? 2 : 4;
  return new Intl.NumberFormat(displayLocale(), { maximumFractionDigits: places }).format(number);
}
