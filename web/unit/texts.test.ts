import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import de from "@/locales/de.json";
import en from "@/locales/en.json";

const source = resolve(import.meta.dirname, "../src");
const code = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("gen"))
  .map((name) => readFileSync(join(source, name), "utf8"))
  .join("\n");

function leavesOf(tree: object, prefix = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "object" ? leavesOf(value as object, `${prefix}${key}.`) : [[`${prefix}${key}`, String(value)]],
  );
}

const keys = [...new Set(leavesOf(en).map(([key]) => key.replace(/_(one|other)$/, "")))];
const dynamic = [...code.matchAll(/t\(`([a-zA-Z.]+)\$\{/g)].map((found) => found[1]!);

it("every text is used (unknown keys do not compile)", () => {
  const unused = keys.filter((key) => !code.includes(`"${key}"`) && !dynamic.some((prefix) => key.startsWith(prefix)));
  expect(unused).toEqual([]);
});

it("no raw words stand in JSX", () => {
  const raw = [...code.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+[.!?]?)\s*</g)].map((found) => found[1]);
  expect(raw).toEqual([]);
});

it("German says all that English says, with the same blanks, in every part that is translated", () => {
  const german = new Map(leavesOf(de));
  const english = leavesOf(en).filter(([key]) => key.split(".")[0]! in de);
  const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).sort();
  expect(english.map(([key]) => key).filter((key) => !german.has(key))).toEqual([]);
  expect([...german.keys()].filter((key) => !new Map(english).has(key))).toEqual([]);
  for (const [key, text] of english) expect([key, blanks(german.get(key) ?? "")]).toEqual([key, blanks(text)]);
});
