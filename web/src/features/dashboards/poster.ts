// A dashboard as one picture: title, then each answer with its words and its chart or its first rows.
import type { Picture } from "@/features/charts/VegaView";
import { stripMarkdown } from "@/features/chat/plain";
import type { Answer } from "@/gen/wire";
import { download, fileName } from "@/lib/csv";
import { formatCell, type Scalar } from "@/lib/format/cell";

export interface PosterCard {
  title: string;
  answer: Answer | undefined;
  picture: Picture | undefined;
}

const WIDTH = 1600;
const EDGE = 48;
const GAP = 40;
const LINE = 34;
const MOST_ROWS = 8;

/** Draws and saves the page. */
export async function savePoster(title: string, cards: PosterCard[]): Promise<void> {
  const blocks = await Promise.all(cards.map(async (card) => ({ card, chart: (await card.picture?.()) ?? null })));
  const heights = blocks.map(({ card, chart }) => heightOf(card, chart));
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = heights.reduce((sum, height) => sum + height + GAP, 2 * EDGE + 80);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const ink = inks();
  pen.fillStyle = ink.surface;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  write(pen, title, EDGE, EDGE + 36, `600 40px ${ink.font}`, ink.text);
  let y = EDGE + 80;
  blocks.forEach(({ card, chart }, at) => {
    drawCard(pen, card, chart, y, ink);
    y += (heights[at] ?? 0) + GAP;
  });
  const file = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (file) download(fileName(title, "png"), file);
}

type Ink = ReturnType<typeof inks>;

function inks() {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return { surface: of("--surface"), text: of("--text"), muted: of("--muted"), line: of("--line"), font: style.fontFamily };
}

function write(pen: CanvasRenderingContext2D, text: string, x: number, y: number, font: string, colour: string): void {
  pen.font = font;
  pen.fillStyle = colour;
  pen.fillText(text, x, y, WIDTH - EDGE - x);
}

function firstLine(answer: Answer | undefined): string {
  return stripMarkdown(answer?.text ?? answer?.declined?.reason ?? "").split("\n").find((line) => line.trim()) ?? "";
}

function rowsOf(answer: Answer | undefined): string[][] {
  const table = answer?.result;
  if (!table || table.rows.length < 2) return [];
  const body = table.rows.slice(0, MOST_ROWS).map((row) => table.columns.map((column, i) => formatCell((row[i] ?? null) as Scalar, column)));
  return [table.columns.map((column) => column.label), ...body];
}

function heightOf(card: PosterCard, chart: HTMLCanvasElement | null): number {
  return 96 + (chart ? scaled(chart).height : rowsOf(card.answer).length * LINE);
}

function scaled(chart: HTMLCanvasElement): { width: number; height: number } {
  const factor = Math.min(1, (WIDTH - 2 * EDGE) / chart.width);
  return { width: chart.width * factor, height: chart.height * factor };
}

function drawCard(pen: CanvasRenderingContext2D, card: PosterCard, chart: HTMLCanvasElement | null, top: number, ink: Ink): void {
  pen.fillStyle = ink.line;
  pen.fillRect(EDGE, top, WIDTH - 2 * EDGE, 2);
  write(pen, card.title, EDGE, top + 40, `600 26px ${ink.font}`, ink.text);
  write(pen, firstLine(card.answer), EDGE, top + 78, `22px ${ink.font}`, ink.muted);
  if (chart) {
    const { width, height } = scaled(chart);
    return pen.drawImage(chart, EDGE, top + 96, width, height);
  }
  rowsOf(card.answer).forEach((row, r) => {
    const step = (WIDTH - 2 * EDGE) / row.length;
    row.forEach((cell, c) => write(pen, cell, EDGE + c * step, top + 120 + r * LINE, `${r === 0 ? 600 : 400} 20px ${ink.font}`, r === 0 ? ink.muted : ink.text));
  });
}
