// Marks of sources in a text: "[^k1]" becomes a small number that leads to the passage.
import type { Source } from "@/gen/wire";

const MARK = /\s?\[\^([\w.:-]+)\]/g;
const LINK = "#source:";

/** The text with its marks as links; a mark of no source goes. */
export function withSourceLinks(text: string, sources: Source[]): string {
  return text.replace(MARK, (_mark, id: string) => {
    const at = sources.findIndex((source) => source.id === id);
    return at < 0 ? "" : `[${at + 1}](${LINK}${at + 1})`;
  });
}

/** The number of the source that a link leads to, or null for another link. */
export function sourceNumber(href: string | undefined): number | null {
  return href?.startsWith(LINK) ? Number(href.slice(LINK.length)) || null : null;
}

export const sourceAnchor = (runId: string, number: number): string => `${runId}-source-${number}`;
