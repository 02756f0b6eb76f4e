import { type ReactNode, useEffect, useRef, useState } from "react";
import { whenCalm } from "@/lib/calm";
import { scrollerOf } from "@/lib/scroller";

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
    let callOff = () => {};
    const observer = new IntersectionObserver((entries) => {
      const isNear = entries.at(-1)?.isIntersecting ?? false;
      callOff();
      callOff = whenCalm(() => {
        if (!isNear && element.hasChildNodes()) setHeight(element.offsetHeight);
        setNear(isNear);
      });
    }, { root: scrollerOf(element), rootMargin: NEAR });
    observer.observe(element);
    const everything = () => setNear(true);
    addEventListener("beforeprint", everything);
    return () => {
      observer.disconnect();
      callOff();
      removeEventListener("beforeprint", everything);
    };
  }, []);
  const shows = near || keep;
  return <div ref={place} style={shows ? undefined : { height }}>{shows && children}</div>;
}
