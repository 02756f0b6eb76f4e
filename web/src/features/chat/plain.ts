// An answer as plain text, for pasting into a mail or a chat.
import { type RunView, textOf } from "@/lib/agui/view";

/** Question, text and warnings; links keep their words and lose their targets. */
export function plainText(question: string, view: RunView): string {
  const notes = view.warnings.map((warning) => `Note: ${warning.message}`);
  return [question, stripMarkdown(textOf(view)), ...notes].filter(Boolean).join("\n\n");
}

export function stripMarkdown(markdown: string): string {
  return markdown
    .replace(/\[((?:[^\]\\]|\\.)*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__)(.+?)\1/g, "$2")
    .replace(/\\([\\`*_[\]<>#|~!])/g, "$1");
}
