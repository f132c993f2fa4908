#!/usr/bin/env node
// Plain JavaScript without imports at the top: this file must still load on a Node that is too old for the rest.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(`sluice needs Node 24 or newer; this is Node ${process.versions.node} (${process.execPath}).\n`);
  process.exit(1);
}

const { existsSync } = await import("node:fs");
const { enableCompileCache } = await import("node:module");
const { homedir } = await import("node:os");
const { join } = await import("node:path");

// Modules compiled (and stripped of types) once are loaded in a third of the time. The directory is the user's own, since
// what lies there is run; where it cannot be written, modules are compiled anew, and nothing else changes. Worker threads
// find it in their environment, before their first module is loaded.
const { env } = process;
env.NODE_COMPILE_CACHE ||= join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sluice");
enableCompileCache(env.NODE_COMPILE_CACHE);

// A checkout has the sources and runs them as they are (type stripping); the package has only what `npm run build` made of them.
const source = new URL("../src/cli/main.ts", import.meta.url);
const built = new URL("../dist/main.js", import.meta.url);
const { main } = await import(existsSync(source) ? source.href : built.href);
process.exitCode = await main(process.argv.slice(2));
