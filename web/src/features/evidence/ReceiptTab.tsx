import { useTranslation } from "react-i18next";
import type { RunView } from "@/lib/agui/view";
import { formatCount, formatMs } from "@/lib/format/misc";
import { displayLocale } from "@/lib/format/locale";

/** Who answered, on which data, and what it took. */
export function ReceiptTab({ view }: { view: RunView }) {
  const lines = useReceiptLines(view);
  return (
    <dl className="text-14">
      {lines.map(([name, value]) => (
        <div key={name} className="flex justify-between gap-4 border-b border-line py-2 last:border-b-0">
          <dt className="text-muted">{name}</dt>
          <dd className="text-end wrap-anywhere tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function useReceiptLines(view: RunView): [string, string][] {
  const { t } = useTranslation();
  const { receipt } = view;
  const snapshot = view.evidence.find((item) => item.snapshot)?.snapshot;
  const engine = view.evidence.find((item) => item.engine)?.engine;
  const confidence = view.confidence === null ? null : new Intl.NumberFormat(displayLocale(), { style: "percent" }).format(view.confidence);
  const lines: [string, string | null | undefined][] = [
    [t("receipt.brain"), receipt && (receipt.brain === "builtin" ? t("receipt.builtin") : receipt.brain)],
    [t("receipt.planned"), receipt?.planned_by && t(`receipt.plannedBy.${receipt.planned_by}`)],
    [t("receipt.model"), receipt?.model],
    [t("receipt.confidence"), confidence],
    [t("receipt.rows"), receipt?.rows_scanned != null ? formatCount(receipt.rows_scanned) : null],
    ...Object.entries(receipt?.ms ?? {}).map(([stage, ms]): [string, string] => [t("receipt.stage", { stage }), formatMs(ms)]),
    [t("receipt.tokens"), receipt && formatCount((receipt.tokens.input ?? 0) + (receipt.tokens.output ?? 0))],
    [t("receipt.cost"), receipt && `${receipt.cost.amount ?? "0"} ${receipt.cost.currency ?? ""}`],
    [t("receipt.cached"), receipt && (receipt.cached ? t("receipt.yes") : t("receipt.no"))],
    [t("receipt.engine"), engine],
    [t("receipt.snapshot"), snapshot],
    [t("receipt.answer"), view.answerId],
  ];
  return lines.filter((line): line is [string, string] => Boolean(line[1]));
}
