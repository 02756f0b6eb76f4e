import { RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/lib/api/errors";
import { Banner } from "./Banner";
import { Button } from "./Button";

interface FailureProps {
  error: Pick<ApiError, "code" | "message" | "hint">;
  onRetry?: () => void;
}

/** An error in plain words, with its hint and a way to try again. */
export function Failure({ error, onRetry }: FailureProps) {
  const { t } = useTranslation();
  const message = error.message || (error.code === "offline" ? t("error.offline") : t("error.unknown"));
  const hint = error.hint ?? (error.code === "offline" ? t("error.offlineHint") : null);
  const retry = onRetry && (
    <Button icon={<RotateCw aria-hidden className="size-4" />} onClick={onRetry}>
      {t("action.retry")}
    </Button>
  );
  return (
    <Banner tone="bad" role="alert" action={retry}>
      <p className="font-medium">{message}</p>
      {hint && <p className="text-muted">{hint}</p>}
    </Banner>
  );
}
