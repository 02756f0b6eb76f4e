import { useTranslation } from "react-i18next";

/** Grey bars of about the final height, so that nothing jumps when the content comes. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("state.loading")} className="flex flex-col gap-3 py-2">
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} className="h-10 animate-pulse rounded-control bg-raised" />
      ))}
    </div>
  );
}
