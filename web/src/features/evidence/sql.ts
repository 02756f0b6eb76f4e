// Just enough SQL to colour it: the panel shows queries, it never runs them.

export type SqlKind = "keyword" | "string" | "number" | "comment" | "plain";

export interface SqlToken {
  kind: SqlKind;
  text: string;
}

const KEYWORDS = new Set(
  ("SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT OFFSET WITH AS ON USING JOIN LEFT RIGHT INNER FULL CROSS OUTER UNION " +
    "ALL DISTINCT AND OR NOT IN IS NULL BETWEEN LIKE ILIKE CASE WHEN THEN ELSE END CAST OVER PARTITION ASC DESC NULLS " +
    "FIRST LAST FILTER INTERVAL DATE TIMESTAMP TRUE FALSE QUALIFY EXCEPT INTERSECT EXISTS SEMI ANTI").split(" "),
);
const TOKEN = /(--[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^']|'')*')|(\b\d+(?:\.\d+)?\b)|([A-Za-z_][A-Za-z0-9_]*)|("(?:[^"]|"")*"|[\s\S])/g;

/** The text in coloured pieces, nothing lost: joined, they are the input. */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const [text, comment, string, number, word] of sql.matchAll(TOKEN)) {
    const kind = comment ? "comment" : string ? "string" : number ? "number" : word && KEYWORDS.has(word.toUpperCase()) ? "keyword" : "plain";
    const last = tokens.at(-1);
    if (last?.kind === kind) last.text += text;
    else tokens.push({ kind, text });
  }
  return tokens;
}
