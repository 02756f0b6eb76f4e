// The words a thing of the model is known by.
import type { Synonym } from "@/gen/wire";

export interface Described {
  label: string | null;
  description: string | null;
  synonyms: Synonym[];
}

/** Other words in use; the ones a person dropped are kept in the model only so that they never come back. */
export function wordsOf(entry: Described): string[] {
  return entry.synonyms.filter((synonym) => synonym.state !== "deleted").map((synonym) => synonym.text);
}
