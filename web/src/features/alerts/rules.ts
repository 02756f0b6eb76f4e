// Which fields a kind of rule has, and the rule as one starts it.
import type { Rule, RuleKind } from "@/lib/api/alerts";

export const KINDS: RuleKind[] = ["threshold", "change", "anomaly", "forecast", "goal", "freshness", "quality"];

/** Choices a kind of rule offers, by field, in the order they are asked. */
export const CHOICES = {
  threshold: { direction: ["below", "above"], grain: ["day", "week", "month"] },
  change: { direction: ["either", "below", "above"], against: ["usual", "previous", "year"], grain: ["day", "week", "month"] },
  anomaly: { direction: ["either", "below", "above"], grain: ["day", "week", "month"] },
  forecast: { direction: ["below", "above"], period: ["week", "month", "quarter"] },
  goal: { period: ["week", "month", "quarter", "year"] },
  freshness: {},
  quality: { check: ["few", "many", "empty", "repeated"], grain: ["day", "week", "month"] },
} as const satisfies Record<RuleKind, Record<string, readonly string[]>>;

/** The number each kind asks for; shares are shown in percent. */
export const NUMBERS: Record<RuleKind, { field: string; percent: boolean; required: boolean } | null> = {
  threshold: { field: "level", percent: false, required: true },
  change: { field: "share", percent: true, required: true },
  anomaly: null,
  forecast: { field: "level", percent: false, required: true },
  goal: { field: "goal", percent: false, required: true },
  freshness: { field: "days", percent: false, required: false },
  quality: { field: "share", percent: true, required: true },
};

export const onTable = (kind: RuleKind): boolean => kind === "freshness" || kind === "quality";
export const needsColumn = (rule: Rule): boolean => rule.kind === "quality" && (rule.check === "empty" || rule.check === "repeated");

/** The number as a field shows it, and back. */
export function shownNumber(rule: Rule): string {
  const asked = NUMBERS[rule.kind];
  const value = asked && rule[asked.field];
  return typeof value === "number" ? String(asked?.percent ? Math.round(value * 10_000) / 100 : value) : "";
}

export function withNumber(rule: Rule, text: string): Rule {
  const asked = NUMBERS[rule.kind];
  if (!asked) return rule;
  const { [asked.field]: _, ...rest } = rule;
  if (text === "" || Number.isNaN(Number(text))) return rest as Rule;
  return { ...rest, [asked.field]: asked.percent ? Number(text) / 100 : Number(text) } as Rule;
}

/** A rule of a kind as one starts it, about the same figure as before. */
export function freshRule(kind: RuleKind, metric: string, table: string): Rule {
  const chosen = Object.fromEntries(Object.entries(CHOICES[kind]).map(([field, values]) => [field, (values as readonly string[])[0]]));
  const about = onTable(kind) ? { table } : { metric };
  const usual = kind === "change" ? { share: 0.2 } : kind === "quality" ? { share: 0.2 } : {};
  return { kind, ...about, ...chosen, ...usual };
}

/** The rule with one choice made; a column stays only where the check needs one. */
export function withChoice(rule: Rule, field: string, value: string): Rule {
  const next = { ...rule, [field]: value } as Rule;
  if (rule.kind === "quality" && !needsColumn(next)) next.column = null;
  return next;
}
