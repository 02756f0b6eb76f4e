import { useTranslation } from "react-i18next";
import { Banner } from "@/components/Banner";
import { Button } from "@/components/Button";

/** Something that is shown this once: to be copied now. */
export function Secret({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation();
  return (
    <Banner tone="info" role="status" action={<Button onClick={() => void navigator.clipboard.writeText(text)}>{t("people.copy")}</Button>}>
      <p className="font-medium">{label}</p>
      <p className="font-mono text-13 break-all">{text}</p>
    </Banner>
  );
}
