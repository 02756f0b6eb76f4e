// A tooltip without HTML strings, so that Trusted Types stay on.

const GAP = 12;

/** Shows the values Vega hands over beside the pointer; call `destroy` when the chart goes. */
export class ChartTooltip {
  private readonly box = document.createElement("div");

  constructor() {
    this.box.className = "chart-tip rounded-control border border-edge bg-surface px-3 py-2 text-13 text-text shadow-md";
    this.box.hidden = true;
    this.box.setAttribute("aria-hidden", "true");
    document.body.append(this.box);
  }

  show = (_handler: unknown, event: MouseEvent, _item: unknown, value: unknown): void => {
    const isEmpty = value === null || value === undefined || value === "";
    this.box.hidden = isEmpty;
    if (isEmpty) return;
    this.box.replaceChildren(...linesOf(value));
    this.place(event.clientX, event.clientY);
  };

  hide(): void {
    this.box.hidden = true;
  }

  destroy(): void {
    this.box.remove();
  }

  private place(x: number, y: number): void {
    const { width, height } = this.box.getBoundingClientRect();
    const left = x + GAP + width > innerWidth ? x - GAP - width : x + GAP;
    const top = y + GAP + height > innerHeight ? y - GAP - height : y + GAP;
    this.box.style.left = `${Math.max(4, left)}px`;
    this.box.style.top = `${Math.max(4, top)}px`;
  }
}

function linesOf(value: unknown): HTMLElement[] {
  const pairs = typeof value === "object" && value !== null ? Object.entries(value) : [["", value] as const];
  return pairs.map(([name, shown]) => {
    const line = document.createElement("div");
    const label = document.createElement("span");
    label.className = "text-subtle";
    label.textContent = name ? `${name}  ` : "";
    const text = document.createElement("strong");
    text.className = "font-medium tabular-nums";
    text.textContent = String(shown);
    line.append(label, text);
    return line;
  });
}
