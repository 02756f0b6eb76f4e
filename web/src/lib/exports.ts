// Answers as files: figures as CSV or a workbook, pictures as PNG.
import type { ResultTable } from "@/gen/wire";
import { csvFile, download, fileName } from "./csv";

export function saveCsv(title: string, table: ResultTable): void {
  download(fileName(title, "csv"), csvFile(table));
}

/** Several tables become several sheets. */
export async function saveXlsx(title: string, tables: ResultTable[]): Promise<void> {
  const { toXlsx } = await import("./xlsx");
  download(fileName(title, "xlsx"), toXlsx(tables));
}

const MARGIN = 32;

/** A chart with its title on the colour of the page, as a picture. */
export async function savePng(title: string, chart: HTMLCanvasElement): Promise<void> {
  const canvas = document.createElement("canvas");
  canvas.width = chart.width + 2 * MARGIN;
  canvas.height = chart.height + 3 * MARGIN + 16;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const style = getComputedStyle(document.documentElement);
  pen.fillStyle = style.getPropertyValue("--surface");
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = style.getPropertyValue("--text");
  pen.font = `600 28px ${style.fontFamily}`;
  pen.fillText(title, MARGIN, MARGIN + 24, canvas.width - 2 * MARGIN);
  pen.drawImage(chart, MARGIN, 2 * MARGIN + 16);
  const file = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (file) download(fileName(title, "png"), file);
}
