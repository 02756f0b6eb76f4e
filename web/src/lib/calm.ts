// Heavy drawing waits until the reader has stopped scrolling: a chart takes longer to draw than a frame lasts.
const STILL_MS = 120;
/** Who scrolls slowly without a pause sees charts all the same, one at a time. */
const LONGEST_MS = 700;

interface Task {
  since: number;
  run: () => void;
}

const heavy = new Set<Task>();
const light = new Set<Task>();
let movedAt = -Infinity;
let timer: number | undefined;

if (typeof document !== "undefined") {
  document.addEventListener("scroll", () => { movedAt = performance.now(); }, { capture: true, passive: true });
}

/**
 * Runs the task once nothing moves: of the heavy ones one between two frames, of the light ones all together, after
 * them. The function returned calls it off.
 */
export function whenCalm(run: () => void, weight: "heavy" | "light" = "heavy"): () => void {
  const task = { since: performance.now(), run };
  const tasks = weight === "heavy" ? heavy : light;
  tasks.add(task);
  plan(0);
  return () => void tasks.delete(task);
}

function plan(delay: number): void {
  timer ??= window.setTimeout(step, delay);
}

function step(): void {
  timer = undefined;
  const [next] = heavy.size > 0 ? heavy : light;
  if (!next) return;
  const now = performance.now();
  const wait = Math.min(movedAt + STILL_MS, next.since + LONGEST_MS) - now;
  if (wait > 0) return plan(wait);
  const due = heavy.size > 0 ? [next] : [...light];
  for (const task of due) {
    heavy.delete(task);
    light.delete(task);
    task.run();
  }
  if (heavy.size + light.size > 0) requestAnimationFrame(() => plan(0));
}
