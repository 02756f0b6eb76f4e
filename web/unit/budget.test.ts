import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { expect, it } from "vitest";

const built = resolve(import.meta.dirname, "../../api/static");
const weigh = (path: string): number => brotliCompressSync(readFileSync(join(built, path))).length;

it.skipIf(!existsSync(join(built, "index.html")))("the built page stays within its budget (brotli)", () => {
  const html = readFileSync(join(built, "index.html"), "utf8");
  const entry = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map((found) => found[1]!);
  const first = ["index.html", ...entry].reduce((sum, path) => sum + weigh(path), 0);
  const chart = readdirSync(join(built, "assets")).find((name) => name.startsWith("VegaView"));
  expect(first).toBeLessThan(170_000);
  expect(weigh(join("assets", chart!))).toBeLessThan(245_000);
  expect(html).not.toContain("VegaView");
}, 60_000);
