// Which rows of a long table are on the screen: the others are one empty space above and one below.
import { type RefObject, useLayoutEffect, useState } from "react";
import { useMediaQuery } from "@/lib/hooks";

/** From here on only the rows in view exist. Shorter tables are whole, so that a search in the page finds every cell. */
const LONG = 120;
const AROUND = 12;

export interface RowWindow {
  /** Null when all rows are shown. */
  height: number | null;
  first: number;
  last: number;
}

/**
 * The browser must not anchor the scroll position to a row (`overflow-anchor: none` on the scroller): rows come and go
 * with the window, and one it holds on to would carry the reader along with it.
 *
 * `goTo` is the place of a row to bring into view, such as the one a figure was traced to.
 */
export function useWindow(scroller: RefObject<HTMLElement | null>, count: number, goTo: number | null): RowWindow {
  const isLong = count > LONG;
  const height = useMediaQuery("(pointer: coarse)") ? 45 : 37;
  const [top, setTop] = useState(0);
  // Before the first paint: nobody may scroll rows that nothing follows yet.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !isLong) return;
    let frame = 0;
    const measure = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => setTop(element.scrollTop));
    };
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener("scroll", measure);
    };
  }, [scroller, isLong]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !isLong || goTo === null) return;
    element.scrollTop = Math.max(0, goTo * height - element.clientHeight / 2);
    setTop(element.scrollTop);
  }, [scroller, isLong, goTo, height]);
  if (!isLong) return { height: null, first: 0, last: count };
  const shown = Math.ceil((scroller.current?.clientHeight ?? 420) / height);
  const first = Math.max(0, Math.floor(top / height) - AROUND);
  return { height, first, last: Math.min(count, first + shown + 2 * AROUND) };
}
