// The figures that can be asked for by name: the measures of the tables, then what is made of them.
import type { SemanticModel } from "@/gen/wire";

export interface Choice {
  value: string;
  label: string;
}

/** Each figure once; one whose name another table uses too is called by its table as well. */
export function figuresOf(model: SemanticModel | undefined): Choice[] {
  const measures = Object.entries(model?.tables ?? {}).flatMap(([table, { measures: own }]) => Object.entries(own).map(([name, { label }]) => ({ table, name, label: label ?? name })));
  const metrics = Object.entries(model?.metrics ?? {}).map(([name, { label }]) => ({ value: name, label: label ?? name }));
  const times = new Map<string, number>();
  measures.forEach(({ name }) => times.set(name, (times.get(name) ?? 0) + 1));
  const shared = ({ name }: { name: string }) => (times.get(name) ?? 0) > 1;
  return [...measures.map((one) => ({ value: shared(one) ? `${one.table}.${one.name}` : one.name, label: shared(one) ? `${one.label} (${one.table})` : one.label })), ...metrics];
}
