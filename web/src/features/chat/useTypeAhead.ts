// Completions under the prompt: chosen by arrow keys, taken by Tab or Enter, dropped by Escape.
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useState } from "react";
import { type Completion, useCompletions } from "@/lib/api/answers";

const NOTHING = -1;
const PAUSE_MS = 120;

interface TypeAhead {
  id: string;
  items: Completion[];
  active: number;
  setActive: (at: number) => void;
  /** Call when the reader typed. */
  typed: () => void;
  close: () => void;
  /** True when the key was for the list. */
  onKey: (event: KeyboardEvent, take: (item: Completion) => void) => boolean;
}

export function useTypeAhead(text: string, workspace: string | null): TypeAhead {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(NOTHING);
  const settled = useDeferredValue(usePaused(text));
  const { data = [] } = useCompletions(open ? settled : "", workspace);
  const items = open && text.trim().length > 1 ? data : [];
  const onKey = (event: KeyboardEvent, take: (item: Completion) => void): boolean => {
    const chosen = items[active];
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (items.length === 0 || event.nativeEvent.isComposing) return false;
    if (move) setActive((active + 1 + move + items.length + 1) % (items.length + 1) - 1);
    else if (chosen && (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey))) take(chosen);
    else if (event.key === "Escape") setOpen(false);
    else return false;
    event.preventDefault();
    return true;
  };
  const typed = () => {
    setOpen(true);
    setActive(NOTHING);
  };
  return { id, items, active, setActive, typed, close: () => setOpen(false), onKey };
}

/** The text once nobody has typed for a moment. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return paused;
}
