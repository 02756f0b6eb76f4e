// Tables as a workbook. Text is written as text, so that no spreadsheet takes a cell for a formula; figures as numbers.
import type { Column, ResultTable } from "@/gen/wire";
import { isNumeric, localMoment, type Scalar } from "./format/cell";
import { zip } from "./zip";

const HEADER = 1;
const DATE = 2;
const MOMENT = 3;
const PERCENT = 4;
/** Beyond this a spreadsheet would round: such numbers stay text. */
const MOST_DIGITS = 15;
const DAY_MS = 86_400_000;
const MOST_SHEET_NAME = 31;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/** One sheet per table. */
export function toXlsx(tables: ResultTable[]): Blob {
  const names = sheetNames(tables.map((table) => table.title));
  const sheets = Object.fromEntries(tables.map((table, i) => [`xl/worksheets/sheet${i + 1}.xml`, sheet(table)]));
  const list = names.map((name, i) => `<sheet name="${escaped(name)}" sheetId="${i + 1}" r:id="r${i + 1}"/>`).join("");
  const links = names.map((_, i) => `<Relationship Id="r${i + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join("");
  const types = names.map((_, i) => `<Override PartName="/xl/worksheets/sheet${i + 1}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join("");
  return zip({
    "[Content_Types].xml": `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>${types}</Types>`,
    "_rels/.rels": `${HEAD}<Relationships xmlns="${RELATIONS}"><Relationship Id="r1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${list}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${HEAD}<Relationships xmlns="${RELATIONS}">${links}<Relationship Id="styles" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/><xf numFmtId="10" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`,
    ...sheets,
  });
}

function sheet(table: ResultTable): string {
  const head = table.columns.map((column) => textCell(column.label, HEADER)).join("");
  const rows = table.rows.map((row, r) => `<row r="${r + 2}">${table.columns.map((column, i) => cell((row[i] ?? null) as Scalar, column)).join("")}</row>`).join("");
  return `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews><sheetData><row r="1">${head}</row>${rows}</sheetData></worksheet>`;
}

function cell(value: Scalar, column: Column): string {
  if (value === null) return "<c/>";
  if (typeof value === "boolean") return `<c t="b"><v>${Number(value)}</v></c>`;
  if (isNumeric(column) && isExact(value)) return `<c${column.unit?.ratio ? ` s="${PERCENT}"` : ""}><v>${value}</v></c>`;
  const day = column.type === "date" || column.type === "datetime" || column.role === "time" ? serial(String(value)) : null;
  if (day !== null) return `<c s="${Number.isInteger(day) ? DATE : MOMENT}"><v>${day}</v></c>`;
  return textCell(String(value));
}

function isExact(value: string | number): boolean {
  const text = String(value);
  const digits = text.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "");
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) && digits.length <= MOST_DIGITS;
}

/** Days since the end of 1899, as spreadsheets count. */
function serial(iso: string): number | null {
  const moment = localMoment(iso);
  if (!moment || moment.getFullYear() < 1901) return null;
  const wall = Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate(), moment.getHours(), moment.getMinutes(), moment.getSeconds());
  return wall / DAY_MS + 25_569;
}

function textCell(text: string, style = 0): string {
  return `<c t="inlineStr"${style ? ` s="${style}"` : ""}><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

function escaped(text: string): string {
  // XML has no way to write most control characters.
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Sheets need short names without certain signs, each another one. */
function sheetNames(titles: string[]): string[] {
  const taken = new Set<string>();
  return titles.map((title) => {
    const plain = title.replace(/[[\]:*?/\\']/g, " ").trim() || "Table";
    let name = plain.slice(0, MOST_SHEET_NAME);
    for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${plain.slice(0, MOST_SHEET_NAME - 4)} (${n})`;
    taken.add(name.toLowerCase());
    return name;
  });
}
