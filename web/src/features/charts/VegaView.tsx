// The lazy chunk: Vega and Vega-Lite, without eval and without a way to load anything.
import { useEffect, useRef } from "react";
import { type Config, Error as ErrorLevel, expressionFunction, parse, type Spec, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import chartThemes from "@/theme/chart-theme.json";
import type { JsonObject } from "./guard";
import { type ChartRow, ROW_KEY } from "./rows";
import { compactNumber, withCompactNumbers } from "./numbers";
import type { ChartTheme } from "./theme";
import { ChartTooltip } from "./tooltip";

expressionFunction("compactNumber", compactNumber);

/** Draws the chart, twice as fine as on the page. */
export type Picture = () => Promise<HTMLCanvasElement>;

const refuse = () => Promise.reject(new Error("charts load nothing"));
const SEALED_LOADER = { load: refuse, sanitize: refuse, http: refuse, file: refuse, options: {} };

interface VegaViewProps {
  spec: JsonObject;
  table: string;
  rows: ChartRow[];
  theme: ChartTheme;
  alt: string;
  onError: () => void;
  /** A mark was pressed: the key of its row, and where. */
  onMark?: (row: string, at: { x: number; y: number }) => void;
  /** Hands out a way to draw the chart as a picture, and takes it back when the chart goes. */
  onPicture?: (picture: Picture | null) => void;
}

export default function VegaView({ spec, table, rows, theme, alt, onError, onMark, onPicture }: VegaViewProps) {
  const pressed = useRef(onMark);
  pressed.current = onMark;
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const tooltip = new ChartTooltip();
    const view = new View(parse(vegaSpec(spec, theme, element.clientWidth), undefined, { ast: true }), {
      renderer: "svg",
      expr: expressionInterpreter,
      loader: SEALED_LOADER as never,
      logLevel: ErrorLevel,
      tooltip: tooltip.show as never,
    });
    view.initialize(element).description(alt).hover().data(table, rows);
    // Whether marks lead anywhere is known when the answer is whole, which may be after its chart is drawn.
    view.addEventListener("click", (event, item) => { tooltip.hide(); press(event, item, pressed.current); });
    view.runAsync().then(() => {
      element.setAttribute("data-ready", "1");
      onPicture?.(() => view.toCanvas(2));
    }, onError);
    const observer = resizer(element, view);
    return () => {
      observer.disconnect();
      onPicture?.(null);
      view.finalize();
      tooltip.destroy();
      element.removeAttribute("data-ready");
    };
  }, [spec, table, rows, theme, alt, onError, onPicture]);
  return <div ref={host} className="min-h-60 w-full overflow-hidden data-ready:min-h-0" />;
}

/** Lines and areas are one mark for all their rows: only what stands for one row leads anywhere. */
function press(event: unknown, item: unknown, onMark: VegaViewProps["onMark"]): void {
  const { datum, mark } = (item ?? {}) as { datum?: Record<string, unknown>; mark?: { marktype?: string } };
  const row = datum?.[ROW_KEY];
  if (typeof row !== "string" || mark?.marktype === "line" || mark?.marktype === "area") return;
  const { clientX, clientY } = event as MouseEvent;
  onMark?.(row, { x: clientX, y: clientY });
}

function vegaSpec(spec: JsonObject, theme: ChartTheme, width: number): Spec {
  const sized = { height: defaultHeight(spec), ...withCompactNumbers(spec), width, autosize: { type: "fit-x", contains: "padding" } };
  const look = chartThemes[theme];
  const config = { ...look, legend: { ...look.legend, columns: legendColumns(width) }, customFormatTypes: true } as unknown as Config;
  return compile(sized as unknown as TopLevelSpec, { config: config as never, logger: SILENT }).spec;
}

const LEGEND_ENTRY_PX = 150;

/** Legend entries wrap instead of running out of the picture. */
function legendColumns(width: number): number {
  return Math.max(1, Math.floor(width / LEGEND_ENTRY_PX));
}

/** Bars and other categories down the side take a step each; everything else a fixed height. */
function defaultHeight(spec: JsonObject): number | { step: number } {
  const { y } = (spec.encoding ?? {}) as { y?: { type?: string } };
  return y?.type === "nominal" || y?.type === "ordinal" ? { step: 28 } : 260;
}

function resizer(element: HTMLElement, view: View): ResizeObserver {
  let width = element.clientWidth;
  const observer = new ResizeObserver(() => {
    if (element.clientWidth === width || element.clientWidth === 0) return;
    width = element.clientWidth;
    requestAnimationFrame(() => void view.width(width).runAsync());
  });
  observer.observe(element);
  return observer;
}

const quiet = () => SILENT;
const SILENT = { level: quiet, error: quiet, warn: quiet, info: quiet, debug: quiet } as never;
