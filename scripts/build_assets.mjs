// Builds what a browser loads: styles, three scripts and the sprite of icons, into static/duban/dist/.
//
// Tabler's styles are cut down to what templates, scripts and Python sources name. An icon is
// copied when a source names it with {% icon "name" %} or icon("name"); a name that the library
// does not have fails the build.
import { gzipSync } from "node:zlib";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const assets = path.join(root, "src/duban/web/assets");
const dist = path.join(root, "src/duban/web/static/duban/dist");

function* sources(folder, endings) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory() && !["dist", "locale", "__pycache__"].includes(entry.name)) yield* sources(full, endings);
    else if (endings.some((ending) => entry.name.endsWith(ending))) yield full;
  }
}

const shared = { bundle: true, minify: true, target: ["es2022", "chrome109", "firefox115", "safari16"], legalComments: "none", logLevel: "warning" };

async function scripts() {
  await esbuild.build({
    ...shared,
    entryPoints: ["theme", "app", "chart", "map", "month"].map((name) => path.join(assets, `${name}.js`)),
    outdir: dist,
    format: "iife",
  });
}

async function styles() {
  for (const name of ["app", "map"]) {
    const built = await esbuild.build({
      ...shared,
      entryPoints: [path.join(assets, `${name}.css`)],
      outdir: dist,
      write: false,
      loader: { ".png": "dataurl", ".svg": "dataurl" },
    });
    let css = built.outputFiles[0].text;
    if (name === "app") {
      const content = [...sources(path.join(root, "src/duban"), [".html", ".py", ".js"])];
      const [kept] = await new PurgeCSS().purge({
        content,
        css: [{ raw: css }],
        safelist: { standard: [/^htmx-/, /^(light|lamp|tile|bar|verdict|message|point|stack|race|race-task)-(red|amber|grey|green|plain)$/, /^message-/, "show", "active", "disabled"], greedy: [/data-bs-theme/] },
        variables: true,
        keyframes: true,
      });
      css = (await esbuild.transform(kept.css, { loader: "css", minify: true, target: shared.target })).code;
    }
    fs.writeFileSync(path.join(dist, `${name}.css`), css);
  }
}

function icons() {
  const folder = path.join(root, "node_modules/@tabler/icons/icons");
  const named = new Set();
  for (const file of sources(path.join(root, "src/duban"), [".html", ".py"])) {
    const text = fs.readFileSync(file, "utf8");
    for (const match of text.matchAll(/\{% icon "([a-z0-9-]+)"|\bicon\("([a-z0-9-]+)"\)/g)) named.add(match[1] ?? match[2]);
  }
  const symbols = [...named].sort().map((name) => {
    const svg = fs.readFileSync(path.join(folder, "outline", `${name}.svg`), "utf8");
    const inner = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace("</svg>", "").replace(/\s+/g, " ").trim();
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
  });
  fs.writeFileSync(path.join(dist, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

function sizes() {
  const rows = fs.readdirSync(dist).sort().map((name) => {
    const bytes = fs.readFileSync(path.join(dist, name));
    return { file: name, KB: +(bytes.length / 1024).toFixed(1), "KB gzipped": +(gzipSync(bytes).length / 1024).toFixed(1) };
  });
  console.table(rows);
}

fs.rmSync(dist, { recursive: true, force: true });
fs.mkdirSync(dist, { recursive: true });
await scripts();
await styles();
icons();
sizes();
