import { useTranslation } from "react-i18next";
import type { Source } from "@/gen/wire";
import { sourceAnchor } from "./sources";

/** The passages an answer cites, each with where it comes from and under which terms; their words are shown as they are. */
export function SourceList({ runId, sources }: { runId: string; sources: Source[] }) {
  const { t } = useTranslation();
  if (sources.length === 0) return null;
  return (
    <section aria-label={t("turn.sources")} className="text-14">
      <p className="mb-1 text-13 font-medium text-subtle">{t("turn.sources")}</p>
      <ol className="rounded-card border border-line bg-surface">
        {sources.map((source, i) => (
          <li key={source.id} id={sourceAnchor(runId, i + 1)} tabIndex={-1} className="border-t border-line px-4 py-2.5 first:border-t-0">
            <p className="wrap-anywhere"><span className="me-2 text-subtle tabular-nums">{i + 1}</span><span className="font-medium">{source.title}</span></p>
            <blockquote className="mt-1 border-s-2 border-line ps-3 wrap-anywhere whitespace-pre-line text-muted">{source.passage}</blockquote>
            <p className="mt-1 text-13 wrap-anywhere text-subtle">{[source.origin, source.licence].filter(Boolean).join(" · ")}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
