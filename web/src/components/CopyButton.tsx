import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

interface CopyButtonProps {
  text: () => string;
  label: string;
}

/** Copies text and says so for two seconds. Absent where the browser has no clipboard (plain http). */
export function CopyButton({ text, label }: CopyButtonProps) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  if (!navigator.clipboard) return null;
  const Icon = copied ? Check : Copy;
  return (
    <Button look="quiet" icon={<Icon aria-hidden className="size-4" />} onClick={() => void copy()}>
      {copied ? t("copy.done") : label}
    </Button>
  );
}
