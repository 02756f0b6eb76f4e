// A long table streams in with its first rows; the others are fetched when somebody wants them.
import { useState } from "react";
import type { ResultTable } from "@/gen/wire";
import { wholeAnswer } from "@/lib/api/answers";

export function useWhole(answerId: string | null, table: ResultTable) {
  const [whole, setWhole] = useState<ResultTable | null>(null);
  const [busy, setBusy] = useState(false);
  const hasMore = answerId !== null && whole === null && table.rows.length < table.total_rows;
  /** All rows there are; the ones at hand when the rest cannot be had. */
  const load = async (): Promise<ResultTable> => {
    if (!hasMore || answerId === null) return whole ?? table;
    setBusy(true);
    try {
      const answer = await wholeAnswer(answerId);
      const found = [...(answer.result ? [answer.result] : []), ...(answer.tables ?? [])].find((one) => one.id === table.id) ?? table;
      setWhole(found);
      return found;
    } catch {
      return table;
    } finally {
      setBusy(false);
    }
  };
  return { table: whole ?? table, more: hasMore && !busy ? load : null, load };
}
