// Following a numeral to the cell it came from, and back.
import { createContext, useCallback, useContext, useLayoutEffect, useMemo, useState } from "react";

export interface Trace {
  runId: string;
  table: string;
  row: string;
  column: string;
  /** What was clicked; Escape returns there. */
  origin: HTMLElement | null;
}

export interface Tracing {
  trace: Trace | null;
  start: (trace: Trace) => void;
  stop: () => void;
}

export const TraceContext = createContext<Tracing>({ trace: null, start: () => {}, stop: () => {} });

const CELL = /^#cell:([A-Za-z0-9_-]+):([A-Za-z0-9_-]+):([A-Za-z0-9_-]+)$/;

/** The cell a link names, or null when it is another link. */
export function parseCellLink(href: string | undefined): Pick<Trace, "table" | "row" | "column"> | null {
  const [, table, row, column] = CELL.exec(href ?? "") ?? [];
  return table && row && column ? { table, row, column } : null;
}

/** Tracing for one conversation. A second trace keeps the first origin, so that Escape leads back to the sentence. */
export function useTracing(): Tracing {
  const [trace, setTrace] = useState<Trace | null>(null);
  const start = useCallback((next: Trace) => {
    setTrace((now) => (next.origin === null && now ? { ...next, origin: now.origin } : next));
  }, []);
  const stop = useCallback(() => {
    setTrace((now) => {
      now?.origin?.focus();
      return null;
    });
  }, []);
  // Before the paint that shows the cell: whoever sees it marked can leave it by Escape.
  useLayoutEffect(() => {
    if (!trace) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented) stop();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [trace, stop]);
  return useMemo(() => ({ trace, start, stop }), [trace, start, stop]);
}

/** The trace, if it leads into this table of this run. */
export function useTraceInto(runId: string, table: string): Trace | null {
  const { trace } = useContext(TraceContext);
  return trace?.runId === runId && trace.table === table ? trace : null;
}
