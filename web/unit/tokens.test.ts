import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import tokens from "@/theme/tokens.json";

type Theme = Record<string, string>;

function luminance(hex: string): number {
  const long = hex.length === 4 ? hex.replace(/[^#]/g, "$&$&") : hex;
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(long.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const EVERYWHERE = ["canvas", "surface", "raised"];
const TEXT_PAIRS: [string, string[]][] = [
  ["text", [...EVERYWHERE, "trace", "accent-soft", "ok-soft", "warn-soft", "bad-soft"]],
  ["muted", [...EVERYWHERE, "warn-soft", "bad-soft"]],
  ["subtle", ["canvas", "surface"]],
  ["accent", [...EVERYWHERE, "accent-soft"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["ok", ["surface", "ok-soft"]],
  ["warn", ["surface", "warn-soft"]],
  ["bad", ["surface", "bad-soft"]],
];

for (const [name, theme] of Object.entries(tokens.themes) as [string, Theme][]) {
  describe(name, () => {
    const needed = name.startsWith("hc") ? 7 : 4.5;
    for (const [ink, papers] of TEXT_PAIRS) {
      for (const paper of papers) {
        it(`${ink} on ${paper} reads at ${needed}`, () => expect(contrast(theme[ink]!, theme[paper]!)).toBeGreaterThanOrEqual(needed));
      }
    }
    it("outlines show at 3", () => {
      expect(contrast(theme.edge!, theme.surface!)).toBeGreaterThanOrEqual(3);
      expect(contrast(theme["trace-edge"]!, theme.surface!)).toBeGreaterThanOrEqual(3);
    });
    it("series show at 3 on the surface", () => {
      const series = name.endsWith("dark") ? tokens.series.dark : tokens.series.light;
      series.forEach((colour) => expect(contrast(colour, theme.surface!)).toBeGreaterThanOrEqual(3));
    });
  });
}

it("the generated files are up to date", () => {
  const folder = mkdtempSync(join(tmpdir(), "theme-"));
  const web = resolve(import.meta.dirname, "..");
  execFileSync("node", [join(web, "scripts/gen-theme.mjs"), folder]);
  for (const file of ["tokens.css", "chart-theme.json"]) {
    expect(readFileSync(join(folder, file), "utf8")).toBe(readFileSync(join(web, "src/theme", file), "utf8"));
  }
});
