import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const API = process.env.PLAINSAY_API ?? "http://127.0.0.1:8000";
const here = (path: string) => resolve(import.meta.dirname, path);

const LIBRARIES = /node_modules\/(react|react-dom|scheduler|react-router|i18next|react-i18next|use-sync-external-store|html-parse-stringify|void-elements|cookie|set-cookie-parser|@tanstack\/(react-query|query-core))\//;
const OURS = /\/src\/(lib\/(?!entities|xlsx|zip|csv|exports|api\/(alerts|dashboards|news|packs))|components\/(?!Menu|ActionMenu|CopyButton)|app\/|pages\/AskPage|features\/(people\/(api|Gate|PeopleLinks)|sources\/(workspace|WorkspaceSwitch)|voice|chat\/(Home|PromptBar|Completions|useTypeAhead|threads))\.?)/;

function isCore(id: string): boolean {
  return LIBRARIES.test(id) || OURS.test(id) || id.endsWith("/src/locales/en.json") || id.includes("/node_modules/lucide-react/");
}

/** Writes the service worker with the names of what the first page needs; other parts are kept when first used. */
function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((item) => item.type === "chunk");
      const needed = new Set<string>();
      const add = (name: string) => {
        const chunk = chunks.find((one) => one.fileName === name);
        if (!chunk || needed.has(name)) return;
        needed.add(name);
        chunk.imports.forEach(add);
      };
      chunks.filter((chunk) => chunk.isEntry).forEach((chunk) => add(chunk.fileName));
      const styles = Object.keys(bundle).filter((name) => /assets\/(index|core)-.*\.css$/.test(name));
      const files = ["/", ...readdirSync(here("public")).sort().map((name) => `/${name}`), ...[...needed, ...styles].sort().map((name) => `/${name}`)];
      const isLazy = /assets\/(VegaView|de|xlsx|poster)-/;
      const later = chunks.map((chunk) => chunk.fileName).filter((name) => !needed.has(name) && !isLazy.test(name)).sort().map((name) => `/${name}`);
      const version = createHash("sha256").update(Object.keys(bundle).sort().join("\n")).digest("hex").slice(0, 12);
      const source = readFileSync(here("sw.template.js"), "utf8").replace("__VERSION__", version).replace("__FILES__", JSON.stringify(files, null, 2)).replace("__LATER__", JSON.stringify(later, null, 2));
      this.emitFile({ type: "asset", fileName: "sw.js", source });
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), serviceWorker()],
  resolve: { alias: { "@": here("src"), "decode-named-character-reference": here("src/lib/entities.ts") } },
  build: {
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    // What every page needs travels as one file: a phone's line pays for each request, not for each byte.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "core", test: isCore }] } } },
  },
  server: { proxy: { "/v1": API } },
  test: { environment: "happy-dom", include: ["unit/**/*.test.{ts,tsx}"] },
});
