/** What scrolls an element: without it an observer knows nothing of what is near but hidden by the edge of its frame. */
export function scrollerOf(element: Element): Element | null {
  return element.closest(".overflow-y-auto");
}
