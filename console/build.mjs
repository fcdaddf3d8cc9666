// Bundles src/ into dist/: one page, one script, one style sheet and an icon. The page names the others with the hash of their content,
// so that a browser may keep them for ever and still never shows an old one.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** Builds the page: file name to content. */
export async function bundle({ minify = true } = {}) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: { app: "src/main.tsx", style: "src/style.css" },
    bundle: true,
    minify,
    write: false,
    outdir: "dist",
    format: "esm",
    target: ["es2022", "chrome109", "firefox115", "safari16.4"],
    charset: "utf8",
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    // One copy of each library, whichever folder asks for it.
    alias: Object.fromEntries(["@noble/curves", "@noble/hashes"].map((name) => [name, join(here, "node_modules", name)])),
    logLevel: "warning",
  });
  const files = new Map();
  const put = (name, content) => {
    files.set(name, content);
    return `${name}?v=${createHash("sha256").update(content).digest("hex").slice(0, 12)}`;
  };
  const output = (ending) => Buffer.from(result.outputFiles.find((f) => f.path.endsWith(ending)).contents);
  const names = {
    SCRIPT: put("app.js", output(".js")),
    STYLE: put("style.css", output(".css")),
    ICON: put("icon.svg", readFileSync(join(here, "src/icon.svg"))),
  };
  const page = readFileSync(join(here, "src/index.html"), "utf8");
  files.set("index.html", Buffer.from(page.replace(/SCRIPT|STYLE|ICON/g, (word) => names[word])));
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = join(here, "dist");
  const files = await bundle();
  mkdirSync(dist, { recursive: true });
  for (const old of readdirSync(dist)) rmSync(join(dist, old));
  let total = 0;
  for (const [name, content] of files) {
    writeFileSync(join(dist, name), content);
    total += content.length;
    console.log(`${name.padEnd(12)} ${content.length}`);
  }
  console.log(`${"total".padEnd(12)} ${total}`);
}
