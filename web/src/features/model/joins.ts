// Where each table stands in the picture of joins: every join leads one column further to the right.
import type { SemanticModel } from "@/gen/wire";

export interface Box {
  name: string;
  label: string;
  /** Whether figures are counted in it. */
  counts: boolean;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Line {
  key: string;
  from: string;
  to: string;
  by: string;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

const WIDTH = 156;
const HEIGHT = 36;
const ACROSS = 100;
const DOWN = 16;
const MARGIN = 2;

export function layOut(model: SemanticModel): { boxes: Box[]; lines: Line[]; width: number; height: number } {
  const joins = Object.entries(model.tables).flatMap(([name, table]) => table.joins.filter((join) => join.to in model.tables).map((join) => ({ from: name, ...join })));
  const joined = new Set(joins.flatMap(({ from, to }) => [from, to]));
  const columns = columnsOf([...joined], joins);
  const tallest = Math.max(0, ...columns.map((column) => column.length));
  const boxes = columns.flatMap((column, across) => column.map((name, down): Box => {
    const table = model.tables[name];
    const y = MARGIN + (down + (tallest - column.length) / 2) * (HEIGHT + DOWN);
    return { name, label: table?.label ?? name, counts: Object.keys(table?.measures ?? {}).length > 0, x: MARGIN + across * (WIDTH + ACROSS), y, width: WIDTH, height: HEIGHT };
  }));
  const at = new Map(boxes.map((box) => [box.name, box]));
  const lines = joins.flatMap((join, i): Line[] => {
    const [from, to] = [at.get(join.from), at.get(join.to)];
    if (!from || !to) return [];
    const by = Object.entries(join.on).map(([own, other]) => (own === other ? own : `${own} = ${other}`)).join(", ");
    return [{ key: `${join.from}-${join.to}-${i}`, from: from.label, to: to.label, by, x1: from.x + WIDTH, y1: from.y + HEIGHT / 2, x2: to.x, y2: to.y + HEIGHT / 2 }];
  });
  return { boxes, lines, width: columns.length * (WIDTH + ACROSS) - ACROSS + 2 * MARGIN, height: tallest * (HEIGHT + DOWN) - DOWN + 2 * MARGIN };
}

/** Tables by how many joins lead to them, the longest way counted; a circle is cut where it closes. */
function columnsOf(names: string[], joins: { from: string; to: string }[]): string[][] {
  const depth = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round += 1) {
    for (const { from, to } of joins) {
      const next = (depth.get(from) ?? 0) + 1;
      if (from !== to && next > (depth.get(to) ?? 0) && next < names.length) depth.set(to, next);
    }
  }
  const columns: string[][] = [];
  for (const name of names) (columns[depth.get(name) ?? 0] ??= []).push(name);
  return columns.filter((column) => column !== undefined);
}
