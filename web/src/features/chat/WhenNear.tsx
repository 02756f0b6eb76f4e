import { type ReactNode, useEffect, useRef, useState } from "react";

const NEAR = "150% 0px";
const USUAL_HEIGHT = 320;
const watches = typeof IntersectionObserver !== "undefined";

/** Draws its content only while it is within a screen or two: two hundred charts at once would fill the memory. */
export function WhenNear({ keep, children }: { keep: boolean; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(!watches);
  const [height, setHeight] = useState(USUAL_HEIGHT);
  useEffect(() => {
    const element = place.current;
    if (!element || !watches) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (!entry) return;
      if (!entry.isIntersecting && element.hasChildNodes()) setHeight(element.offsetHeight);
      setNear(entry.isIntersecting);
    }, { rootMargin: NEAR });
    observer.observe(element);
    const everything = () => setNear(true);
    addEventListener("beforeprint", everything);
    return () => {
      observer.disconnect();
      removeEventListener("beforeprint", everything);
    };
  }, []);
  const shows = near || keep;
  return <div ref={place} style={shows ? undefined : { height }}>{shows && children}</div>;
}
