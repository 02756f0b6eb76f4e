import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { whenCalm } from "@/lib/calm";

const scroll = () => document.dispatchEvent(new Event("scroll"));
const run = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "requestAnimationFrame"] }));
afterEach(() => void vi.useRealTimers());

it("draws at once where nothing moves, one heavy thing a frame, the light ones together after them", async () => {
  await run(1000);
  const done: string[] = [];
  whenCalm(() => done.push("fold 1"), "light");
  whenCalm(() => done.push("chart 1"));
  whenCalm(() => done.push("chart 2"));
  whenCalm(() => done.push("fold 2"), "light");
  await run(1);
  expect(done).toEqual(["chart 1"]);
  await run(100);
  expect(done).toEqual(["chart 1", "chart 2", "fold 1", "fold 2"]);
});

it("waits while the reader scrolls, but not for ever, and forgets what is called off", async () => {
  await run(1000);
  const done: string[] = [];
  scroll();
  whenCalm(() => done.push("chart"));
  const callOff = whenCalm(() => done.push("gone by"));
  for (let n = 0; n < 6; n++) {
    await run(100);
    scroll();
  }
  expect(done).toEqual([]);
  callOff();
  await run(110);
  expect(done).toEqual(["chart"]);
  await run(2000);
  expect(done).toEqual(["chart"]);
});
