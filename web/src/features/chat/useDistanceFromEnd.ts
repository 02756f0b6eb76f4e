// How far the reader is from the end of the conversation, and a way there.
import { useCallback, useEffect, useRef, useState } from "react";

export function useDistanceFromEnd() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [distance, setDistance] = useState(0);
  useEffect(() => {
    const [outer, inner] = [scroller.current, content.current];
    if (!outer || !inner) return;
    const measure = () => setDistance(Math.max(0, outer.scrollHeight - outer.scrollTop - outer.clientHeight));
    const observer = new ResizeObserver(measure);
    observer.observe(inner);
    outer.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      outer.removeEventListener("scroll", measure);
    };
  }, []);
  const jump = useCallback(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: "smooth" }), []);
  return { scroller, content, distance, jump };
}
