// Which row of a table is being gone on from, and how it is called.
import { useRef, useState } from "react";
import type { Spot } from "@/features/charts/ChartFigure";
import type { ResultTable } from "@/gen/wire";
import { formatCell, isNumeric, type Scalar } from "@/lib/format/cell";

export function useDrill(table: ResultTable) {
  const [spot, setSpot] = useState<Spot | null>(null);
  const from = useRef<HTMLElement | null>(null);
  const open = (next: Spot) => {
    from.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setSpot(next);
  };
  const close = () => {
    setSpot(null);
    from.current?.focus({ preventScroll: true });
  };
  return { spot, open, close, leave: () => setSpot(null), title: spot ? rowName(table, spot.row) : "" };
}

/** What a row is called: what it is grouped by ("Furniture, Q3 2026"). */
export function rowName(table: ResultTable, key: string): string {
  const row = table.rows[table.row_keys.indexOf(key)] ?? [];
  const named = table.columns.map((column, at) => ({ column, value: (row[at] ?? null) as Scalar })).filter(({ column }) => column.role !== "measure" && !isNumeric(column));
  return named.map(({ column, value }) => formatCell(value, column)).join(", ") || table.title;
}
