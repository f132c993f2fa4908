#!/usr/bin/env node
// Plain JavaScript without imports at the top: this file must still load on a Node that is too old for the rest.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(`sluice needs Node 24 or newer; this is Node ${process.versions.node} (${process.execPath}).\n`);
  process.exit(1);
}

const { existsSync } = await import("node:fs");
// A checkout has the sources and runs them as they are (type stripping); the package has only what `npm run build` made of them.
const source = new URL("../src/cli/main.ts", import.meta.url);
const built = new URL("../dist/src/cli/main.js", import.meta.url);
const { main } = await import(existsSync(source) ? source.href : built.href);
process.exitCode = await main(process.argv.slice(2));
