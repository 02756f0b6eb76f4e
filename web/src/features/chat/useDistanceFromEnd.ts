// Whether the reader is far from the end of the conversation, and a way there.
import { useCallback, useEffect, useRef, useState } from "react";

/** From how many screens above the end it is far: within one the reader sees it coming. */
const FAR_SCREENS = 1;

/** `isFar` alone changes while the reader scrolls: a conversation is too much to draw again at each step. */
export function useDistanceFromEnd() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [isFar, setFar] = useState(false);
  useEffect(() => {
    const [outer, inner] = [scroller.current, content.current];
    if (!outer || !inner) return;
    const measure = () => setFar(outer.scrollHeight - outer.scrollTop - outer.clientHeight > FAR_SCREENS * Math.max(1, outer.clientHeight));
    const observer = new ResizeObserver(measure);
    observer.observe(inner);
    outer.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      outer.removeEventListener("scroll", measure);
    };
  }, []);
  const jump = useCallback(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: "smooth" }), []);
  return { scroller, content, isFar, jump };
}
