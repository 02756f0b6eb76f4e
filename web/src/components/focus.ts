/**
 * Gives the focus back to where it came from, unless somebody has it by now: what closes says so only a moment later,
 * and on a slow machine the reader is already in another menu or field, which must not lose it.
 */
export function giveBack(origin: HTMLElement | null): void {
  const holder = document.activeElement;
  if (holder === null || holder === document.body) origin?.focus({ preventScroll: true });
}
