import { createContext, memo, type MouseEvent, type ReactNode, useContext, useMemo } from "react";
import { useTranslation } from "react-i18next";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { cx } from "@/components/cx";
import type { ResultTable, Source } from "@/gen/wire";
import { sourceAnchor, sourceNumber, withSourceLinks } from "./sources";
import { parseCellLink, TraceContext } from "./trace";

const PLUGINS = [remarkGfm];
const DISALLOWED = ["img"];

interface AnswerTextProps {
  runId: string;
  text: string;
  tables: ResultTable[];
  sources: Source[];
}

/** The words of an answer. Numerals link to their cells; other links leave with no referrer and show their host. */
export const AnswerText = memo(function AnswerText({ runId, text, tables, sources }: AnswerTextProps) {
  const about = useMemo(() => ({ runId, tables }), [runId, tables]);
  return (
    <AboutContext.Provider value={about}>
      <div className="prose max-w-[70ch] wrap-anywhere">
        <Markdown remarkPlugins={PLUGINS} disallowedElements={DISALLOWED} components={COMPONENTS}>{withSourceLinks(text, sources)}</Markdown>
      </div>
    </AboutContext.Provider>
  );
});

/** What the links of a text are about. By context: a component made anew with the tables would replace every link. */
const AboutContext = createContext<Pick<AnswerTextProps, "runId" | "tables">>({ runId: "", tables: [] });
const COMPONENTS: Components = { a: ({ href, children }) => <TextLink href={href}>{children}</TextLink> };

interface TextLinkProps {
  href: string | undefined;
  children: ReactNode;
}

function TextLink({ href, children }: TextLinkProps) {
  const { runId, tables } = useContext(AboutContext);
  const { start } = useContext(TraceContext);
  const source = sourceNumber(href);
  if (source !== null) return <SourceMark runId={runId} number={source} />;
  const cell = parseCellLink(href);
  if (!cell) return <OutsideLink href={href}>{children}</OutsideLink>;
  return (
    <a
      href={href}
      className={cx("cell-link", isNamed(cell, tables) && "cell-link-quiet")}
      onClick={(event) => {
        event.preventDefault();
        start({ runId, ...cell, origin: event.currentTarget });
      }}
    >
      {children}
    </a>
  );
}

/** A small number that leads to the passage it stands for. */
function SourceMark({ runId, number }: { runId: string; number: number }) {
  const { t } = useTranslation();
  const go = (event: MouseEvent) => {
    event.preventDefault();
    const place = document.getElementById(sourceAnchor(runId, number));
    place?.scrollIntoView({ block: "center" });
    place?.focus({ preventScroll: true });
  };
  return <sup><a href={`#${sourceAnchor(runId, number)}`} aria-label={t("turn.source", { number })} onClick={go} className="px-0.5 font-medium text-accent">{number}</a></sup>;
}

/** Whether a cell names something (a month, a product, what was asked) rather than being a figure found. */
function isNamed(cell: { table: string; column: string }, tables: ResultTable[]): boolean {
  const table = tables.find((candidate) => candidate.id === cell.table);
  const column = table?.columns.find((candidate) => candidate.name === cell.column);
  return table?.kind === "params" || column?.role === "dimension" || column?.role === "time";
}

function OutsideLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (!href || !URL.canParse(href)) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="text-accent underline">
      {children} <span className="text-13 text-subtle">({new URL(href).host})</span>
    </a>
  );
}
