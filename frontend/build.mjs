// 构建前端：TypeScript 与 CSS → src/qingyuan/web/ui/static/dist/，文件名带摘要，另写 manifest.json。
// Build the front end with hashed names and a manifest that the template tag `asset` reads.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const ui = path.resolve(here, "../src/qingyuan/web/ui");
const out = path.join(ui, "static/dist");
const next = `${out}.next`;

/** The official colours as CSS custom properties, from the one palette file. */
const palette = {
  name: "palette",
  setup(api) {
    api.onResolve({ filter: /^palette\.css$/ }, () => ({ path: "palette.css", namespace: "palette" }));
    api.onLoad({ filter: /.*/, namespace: "palette" }, async () => {
      const table = JSON.parse(await readFile(path.join(ui, "palette.json"), "utf8"));
      const rules = Object.values(table.scales).flatMap((scale) =>
        scale.steps.map(
          (step) =>
            `[data-${scale.attribute}="${step.name}"]{--mark:${step.colour};--mark-ink:${step.ink}}`,
        ),
      );
      return { contents: rules.join("\n"), loader: "css", watchFiles: [path.join(ui, "palette.json")] };
    });
  },
};

/** Tabler without the parts no page may use: those that need its script, and its decorations. */
const UNUSED =
  /\.(navbar|offcanvas|carousel|accordion|avatar|ribbon|steps|toast|popover|tooltip|modal|dropdown|otp|calendar|signal|sparkline|markdown|chat|status|switch|tracking|datagrid|flag|payment|social|io|theme|vc|ts|noUi|litepicker|dropzone|plyr|apexcharts|jsvectormap|fslightbox|hljs|tox|coloris|timeline|star|swatch|divide|page-wrapper|(?:btn|link|bg|text|border)-(?:facebook|twitter|linkedin|google|youtube|vimeo|dribbble|github|instagram|pinterest|vk|rss|flickr|bitbucket|tabler|blue|azure|indigo|purple|pink|red|orange|yellow|lime|green|teal|cyan|gray|x|apple))(?![a-zA-Z0-9])|\[data-vc|\[data-bs-theme-/;
const lean = {
  name: "lean",
  setup(api) {
    api.onLoad({ filter: /tabler\.min\.css$/ }, async ({ path: file }) => ({
      contents: prune(await readFile(file, "utf8")),
      loader: "css",
    }));
  },
};
/** Drop rules every selector of which names an unused part; look inside @media and @supports. */
function prune(css) {
  let out = "";
  let at = 0;
  while (at < css.length) {
    const open = css.indexOf("{", at);
    if (open < 0) return out + css.slice(at);
    let depth = 1;
    let end = open + 1;
    for (; depth && end < css.length; end += 1) depth += css[end] === "{" ? 1 : css[end] === "}" ? -1 : 0;
    const head = css.slice(at, open);
    const body = css.slice(open + 1, end - 1);
    const statements = head.lastIndexOf(";") + 1; // @charset and the like stand before the selector
    const selector = head.slice(statements).replace(/\/\*.*?\*\//gs, "").trim();
    out += head.slice(0, statements);
    if (/^@(media|supports|layer|container)/.test(selector)) {
      const inner = prune(body);
      if (inner.trim()) out += `${selector}{${inner}}`;
    } else if (selector.startsWith("@") || !selector.split(",").every((one) => UNUSED.test(one))) {
      out += `${selector}{${body}}`;
    }
    at = end;
  }
  return out;
}

await rm(next, { recursive: true, force: true });
await mkdir(next, { recursive: true });

// MapLibre 6: the worker is a real file of our own origin (no blob: in the policy).
const worker = path.join(here, "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs");
const digest = createHash("sha256").update(await readFile(worker)).digest("hex").slice(0, 8).toUpperCase();
const workerName = `map-worker-${digest}.js`;
await copyFile(worker, path.join(next, workerName));

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  metafile: true,
  target: ["es2022", "chrome109", "firefox115", "safari16"],
  legalComments: "linked",
  outdir: next,
  entryNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  assetNames: "[name]-[hash]",
  logLevel: "warning",
};
const results = [
  await build({
    ...shared,
    entryPoints: ["src/app.ts", "src/map.ts", "src/chart.ts", "src/trace.ts", "src/app.css"],
    format: "esm",
    splitting: true,
    define: { MAP_WORKER: JSON.stringify(`./${workerName}`) },
    plugins: [palette, lean],
  }),
  // Runs before the first paint, so it is a classic script.
  await build({ ...shared, entryPoints: ["src/boot.ts"], format: "iife" }),
];

const manifest = { "map-worker.js": workerName };
const parts = {};
for (const { metafile } of results) {
  for (const [file, made] of Object.entries(metafile.outputs)) {
    if (!made.entryPoint) continue;
    const name = path.basename(made.entryPoint).replace(/\.ts$/, ".js");
    manifest[name] = path.basename(file);
    parts[name] = made.imports.filter((i) => i.kind === "import-statement").map((i) => path.basename(i.path));
  }
}
await writeFile(path.join(next, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);

for (const [name, file] of Object.entries(manifest)) {
  const files = [file, ...(parts[name] ?? [])];
  const bytes = await Promise.all(files.map((f) => readFile(path.join(next, f))));
  const raw = bytes.reduce((sum, b) => sum + b.length, 0);
  const gzip = bytes.reduce((sum, b) => sum + gzipSync(b).length, 0);
  console.log(`${name.padEnd(16)} ${(raw / 1000).toFixed(0).padStart(5)} kB  gzip ${(gzip / 1000).toFixed(0).padStart(4)} kB`);
}
await rm(out, { recursive: true, force: true });
await rename(next, out);
