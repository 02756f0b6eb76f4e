import { type RefObject, useLayoutEffect, useRef } from "react";

/** Height of a row of the page's grid in pixels, and the room between cards: small rows let cards of any height meet. */
const ROW_PX = 4;
const GAP_PX = 16;

/** Gives a card as many small rows as it is high, so that the next one begins right under it and no hole is left. */
export function usePacked(): RefObject<HTMLElement | null> {
  const place = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    const card = place.current;
    if (!card) return;
    const fit = () => {
      card.style.gridRowEnd = `span ${Math.ceil((card.getBoundingClientRect().height + GAP_PX) / ROW_PX)}`;
    };
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(card);
    return () => observer.disconnect();
  }, []);
  return place;
}
