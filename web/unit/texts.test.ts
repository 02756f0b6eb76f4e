import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import en from "@/locales/en.json";

const source = resolve(import.meta.dirname, "../src");
const code = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("gen"))
  .map((name) => readFileSync(join(source, name), "utf8"))
  .join("\n");

function keysOf(tree: object, prefix = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "object" ? keysOf(value as object, `${prefix}${key}.`) : [`${prefix}${key}`.replace(/_(one|other)$/, "")],
  );
}

const keys = [...new Set(keysOf(en))];
const dynamic = [...code.matchAll(/t\(`([a-zA-Z.]+)\$\{/g)].map((found) => found[1]!);

it("every text is used (unknown keys do not compile)", () => {
  const unused = keys.filter((key) => !code.includes(`"${key}"`) && !dynamic.some((prefix) => key.startsWith(prefix)));
  expect(unused).toEqual([]);
});

it("no raw words stand in JSX", () => {
  const raw = [...code.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+[.!?]?)\s*</g)].map((found) => found[1]);
  expect(raw).toEqual([]);
});
