import { memo, type ReactNode, useContext } from "react";
import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { parseCellLink, TraceContext } from "./trace";

const PLUGINS = [remarkGfm];
const DISALLOWED = ["img"];

interface AnswerTextProps {
  runId: string;
  text: string;
}

/** The words of an answer. Numerals link to their cells; other links leave with no referrer and show their host. */
export const AnswerText = memo(function AnswerText({ runId, text }: AnswerTextProps) {
  const components: Components = {
    a: ({ href, children }) => <TextLink runId={runId} href={href}>{children}</TextLink>,
  };
  return (
    <div className="prose max-w-[70ch] wrap-anywhere">
      <Markdown remarkPlugins={PLUGINS} disallowedElements={DISALLOWED} components={components}>{text}</Markdown>
    </div>
  );
});

function TextLink({ runId, href, children }: { runId: string; href: string | undefined; children: ReactNode }) {
  const { start } = useContext(TraceContext);
  const cell = parseCellLink(href);
  if (!cell) return <OutsideLink href={href}>{children}</OutsideLink>;
  return (
    <a
      href={href}
      className="cell-link"
      onClick={(event) => {
        event.preventDefault();
        start({ runId, ...cell, origin: event.currentTarget });
      }}
    >
      {children}
    </a>
  );
}

function OutsideLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  if (!href || !URL.canParse(href)) return <>{children}</>;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="text-accent underline">
      {children} <span className="text-13 text-subtle">({new URL(href).host})</span>
    </a>
  );
}
