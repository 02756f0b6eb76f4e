// Answers far from the reader's eyes are their words alone: two hundred whole ones would fill the memory of a phone.
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { whenCalm } from "@/lib/calm";
import { scrollerOf } from "@/lib/scroller";

const FAR = "300% 0px";
/** As high as most answers are; the right height is known once one was whole. */
const USUAL_HEIGHT = 640;
const watches = typeof IntersectionObserver !== "undefined";
/** Where the browser does not hold on to what is read when something above it grows, we do. */
const anchors = typeof CSS !== "undefined" && CSS.supports("overflow-anchor", "auto");

interface Folded {
  /** As high as the answer was when it was whole; null while it is. */
  height: number | null;
  /** What the element of the answer needs besides. */
  watch: { onPointerDownCapture: () => void; onKeyDownCapture: () => void };
}

/** Folds what is far away. What the reader has used stays whole: what was chosen, opened or written there is kept. */
export function useFolded(place: RefObject<HTMLElement | null>, mayFold: boolean, startsFolded: boolean): Folded {
  const [height, setHeight] = useState<number | null>(startsFolded && watches ? USUAL_HEIGHT : null);
  const used = useRef(false);
  const watch = useMemo(() => {
    const use = () => void (used.current = true);
    return { onPointerDownCapture: use, onKeyDownCapture: use };
  }, []);
  useEffect(() => {
    const element = place.current;
    if (!element || !mayFold || !watches) return;
    let callOff = () => {};
    const unfold = () => setHeight(null);
    const observer = new IntersectionObserver((entries) => {
      const entry = entries.at(-1);
      callOff();
      if (!entry || entry.isIntersecting) return unfold();
      callOff = whenCalm(() => used.current || setHeight((now) => now ?? entry.boundingClientRect.height), "light");
    }, { root: scrollerOf(element), rootMargin: FAR });
    observer.observe(element);
    addEventListener("beforeprint", unfold);
    return () => {
      observer.disconnect();
      callOff();
      removeEventListener("beforeprint", unfold);
    };
  }, [place, mayFold]);
  useKeptPlace(place, height);
  return { height: mayFold ? height : null, watch };
}

/** What is read stays where it is when an answer above it turns out higher or lower than thought. */
function useKeptPlace(place: RefObject<HTMLElement | null>, height: number | null): void {
  const before = useRef(height);
  useLayoutEffect(() => {
    const [element, was] = [place.current, before.current];
    before.current = height;
    const scroller = element && scrollerOf(element);
    if (anchors || !element || !scroller || was === null || height !== null) return;
    const { top } = element.getBoundingClientRect();
    if (top + was <= scroller.getBoundingClientRect().top) scroller.scrollTop += element.offsetHeight - was;
  }, [place, height]);
}
