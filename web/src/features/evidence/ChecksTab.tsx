import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Check, Quality } from "@/gen/wire";
import type { RunView } from "@/lib/agui/view";
import { displayLocale } from "@/lib/format/locale";
import { formatCount } from "@/lib/format/misc";

/** What was checked before the answer left the house, and what a reader should know. */
export function ChecksTab({ view }: { view: RunView }) {
  const { t } = useTranslation();
  const checks = view.evidence.flatMap((item) => item.checks.map((check) => ({ ...check, key: `${item.id}-${check.code}` })));
  const rated = view.evidence.filter((item) => item.quality);
  if (checks.length === 0 && rated.length === 0) return <p className="text-14 text-muted">{t("evidence.noChecks")}</p>;
  return (
    <div className="flex flex-col gap-5 text-14">
      {rated.map((item) => item.quality && <QualityBlock key={item.id} quality={item.quality} />)}
      <ul className="flex flex-col gap-3">
        {checks.map((check) => <CheckLine key={check.key} check={check} />)}
      </ul>
    </div>
  );
}

/** How far a learned result can be trusted: the method beside the simplest one, its measured figures, what to mind. */
function QualityBlock({ quality }: { quality: Quality }) {
  const { t } = useTranslation();
  const lines = [
    [t("quality.trust"), t(`quality.${quality.trust}`)],
    [t("quality.method"), quality.method],
    [t("quality.baseline"), quality.baseline],
    [t("quality.period"), quality.period],
    [t("quality.points"), formatCount(quality.n)],
    ...Object.entries(quality.figures ?? {}).map(([name, value]) => [name.replaceAll("_", " "), figure(value)]),
  ].filter(([, value]) => value);
  return (
    <section aria-label={t("quality.title")}>
      <h3 className="font-medium">{t("quality.title")}</h3>
      <dl className="mt-1">
        {lines.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-4 border-b border-line py-1.5 last:border-b-0">
            <dt className="text-muted first-letter:uppercase">{name}</dt>
            <dd className="text-end wrap-anywhere tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
      {(quality.caveats ?? []).map((caveat) => <p key={caveat} className="mt-2 text-13 text-muted">{caveat}</p>)}
    </section>
  );
}

function figure(value: number): string {
  return new Intl.NumberFormat(displayLocale(), { maximumSignificantDigits: 3 }).format(value);
}

function CheckLine({ check }: { check: Check }) {
  const { t } = useTranslation();
  const Icon = check.ok ? CircleCheck : TriangleAlert;
  const name = check.code.replaceAll("_", " ");
  return (
    <li className="flex gap-2">
      <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${check.ok ? "text-ok" : "text-warn"}`} />
      <div className="min-w-0">
        <p>
          <span className="font-medium first-letter:uppercase inline-block">{name}</span>{" "}
          <span className="text-13 text-muted">{check.ok ? t("evidence.held") : t("evidence.look")}</span>
        </p>
        {check.detail && <p className="text-13 text-muted">{check.detail}</p>}
      </div>
    </li>
  );
}
