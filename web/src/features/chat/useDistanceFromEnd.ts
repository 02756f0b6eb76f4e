// How many screens the reader is from the end of the conversation, and a way there.
import { useCallback, useEffect, useRef, useState } from "react";

export function useDistanceFromEnd() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [screens, setScreens] = useState(0);
  useEffect(() => {
    const [outer, inner] = [scroller.current, content.current];
    if (!outer || !inner) return;
    const measure = () => setScreens(Math.max(0, outer.scrollHeight - outer.scrollTop - outer.clientHeight) / Math.max(1, outer.clientHeight));
    const observer = new ResizeObserver(measure);
    observer.observe(inner);
    outer.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      outer.removeEventListener("scroll", measure);
    };
  }, []);
  const jump = useCallback(() => scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: "smooth" }), []);
  return { scroller, content, screens, jump };
}
