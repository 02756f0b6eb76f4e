import { CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Check } from "@/gen/wire";
import type { RunView } from "@/lib/agui/view";

/** What was checked before the answer left the house, and what a reader should know. */
export function ChecksTab({ view }: { view: RunView }) {
  const { t } = useTranslation();
  const checks = view.evidence.flatMap((item) => item.checks.map((check) => ({ ...check, key: `${item.id}-${check.code}` })));
  if (checks.length === 0) return <p className="text-14 text-muted">{t("evidence.noChecks")}</p>;
  return (
    <ul className="flex flex-col gap-3 text-14">
      {checks.map((check) => <CheckLine key={check.key} check={check} />)}
    </ul>
  );
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
