// Short axis numbers as people write them: $0, $1.5M, 2B. D3's own short form would say $0M, and G for a billion.
import { displayLocale } from "@/lib/format/locale";
import type { JsonObject } from "./guard";

/** A number in short form behind its currency sign, if any: (1500000, "$") is "$1.5M". */
export function compactNumber(value: unknown, sign: unknown): string {
  const number = Number(value);
  const short = new Intl.NumberFormat(displayLocale(), { notation: "compact", maximumFractionDigits: 2 }).format(Math.abs(number));
  return `${number < 0 ? "−" : ""}${typeof sign === "string" ? sign : ""}${short}`;
}

const SHORT_FORM = /^(\$?)(~s|,\.0f)$/;

/** The spec with its short-form axes and legends written by `compactNumber`. */
export function withCompactNumbers(spec: JsonObject): JsonObject {
  return mapped(spec) as JsonObject;
}

function mapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mapped);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, key === "axis" || key === "legend" ? short(part) : mapped(part)]));
}

function short(part: unknown): unknown {
  const [, sign] = (isObject(part) && typeof part.format === "string" && SHORT_FORM.exec(part.format)) || [];
  return isObject(part) && sign !== undefined ? { ...part, format: sign, formatType: "compactNumber" } : part;
}

function isObject(part: unknown): part is JsonObject {
  return part !== null && typeof part === "object" && !Array.isArray(part);
}
