import { useTranslation } from "react-i18next";
import { isRunning, type RunView } from "@/lib/agui/view";

/** Says where a run stands, for those who do not see it; the words of the answer are never read out as they stream. */
export function LiveStatus({ view }: { view: RunView | null }) {
  const { t } = useTranslation();
  const state = view && statusOf(view);
  return <p aria-live="polite" className="sr-only">{state && t(`live.${state}`)}</p>;
}

function statusOf(view: RunView) {
  if (isRunning(view)) return "working";
  if (view.phase === "failed") return "failed";
  if (view.phase === "cancelled") return "stopped";
  if (view.declined) return "declined";
  return view.clarify ? "question" : "ready";
}
