import { memo, type ReactNode, useContext, useMemo } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { cx } from "@/components/cx";
import type { ResultTable } from "@/gen/wire";
import { parseCellLink, TraceContext } from "./trace";

const PLUGINS = [remarkGfm];
const DISALLOWED = ["img"];

interface AnswerTextProps {
  runId: string;
  text: string;
  tables: ResultTable[];
}

/** The words of an answer. Numerals link to their cells; other links leave with no referrer and show their host. */
export const AnswerText = memo(function AnswerText({ runId, text, tables }: AnswerTextProps) {
  const components: Components = useMemo(() => ({
    a: ({ href, children }) => <TextLink {...{ runId, href, tables }}>{children}</TextLink>,
  }), [runId, tables]);
  return (
    <div className="prose max-w-[70ch] wrap-anywhere">
      <Markdown remarkPlugins={PLUGINS} disallowedElements={DISALLOWED} components={components}>{text}</Markdown>
    </div>
  );
});

interface TextLinkProps extends Pick<AnswerTextProps, "runId" | "tables"> {
  href: string | undefined;
  children: ReactNode;
}

function TextLink({ runId, href, tables, children }: TextLinkProps) {
  const { start } = useContext(TraceContext);
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
