import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "@/components/cx";
import type { Severity } from "@/lib/api/digests";

const LOOKS = { info: { tint: "text-accent", Icon: Info }, warning: { tint: "text-warn", Icon: TriangleAlert }, critical: { tint: "text-bad", Icon: CircleAlert } } as const;

/** How grave something is, by its shape, its colour and its name. */
export function SeverityMark({ severity, text }: { severity: Severity; text: string }) {
  const { t } = useTranslation();
  const { tint, Icon } = LOOKS[severity];
  return (
    <span className={cx("inline-flex items-start gap-1.5 font-medium", tint)}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="min-w-0 wrap-anywhere"><span className="sr-only">{t(`alert.severity.${severity}`)}: </span>{text}</span>
    </span>
  );
}
