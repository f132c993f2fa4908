import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type OutputChunk } from "rolldown";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** First modules: of the command line, and of the threads that it starts by these names. */
const ENTRIES = ["src/cli/main.ts", "src/project/pipeline-worker.ts", "src/adapters/import/sql-worker.ts"];

/** Libraries of so many small modules that each start of a process would pay for finding and reading them. All others stay as they were installed. */
const INLINED = ["typebox"];

const packageOf = (specifier: string): string => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/**
 * Writes what the package runs to `folder`: few modules instead of 600, since a process spends half of its start on each module's path,
 * file and compilation. Those of threads lie beside those that start them.
 *
 * @returns the packages that what was written imports
 */
export async function buildInto(folder: string): Promise<string[]> {
  const { output } = await build({
    cwd: ROOT,
    input: ENTRIES,
    platform: "node",
    external: (specifier) => !/^[./]/.test(specifier) && !INLINED.includes(packageOf(specifier)),
    output: { dir: folder, format: "esm", entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
  });
  const licenses = INLINED.map((name) => `${name}\n\n${readFileSync(join(ROOT, "node_modules", name, "license"), "utf8")}`);
  writeFileSync(join(folder, "LICENSES"), licenses.join("\n"));
  const written = new Set(["LICENSES", ...output.map(({ fileName }) => fileName)]);
  for (const name of readdirSync(folder)) if (!written.has(name)) rmSync(join(folder, name), { recursive: true });
  const chunks = output.filter((file): file is OutputChunk => file.type === "chunk");
  const imported = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
  const outside = imported.filter((specifier) => !written.has(specifier) && !specifier.startsWith("node:"));
  return [...new Set(outside.map(packageOf))].sort();
}

/** Lays out in `folder` what the published package holds, beside which its dependencies would be installed. */
export async function layOutPackage(folder: string): Promise<void> {
  const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: string[] };
  await buildInto(join(folder, "dist"));
  for (const file of ["package.json", ...files.filter((name) => name !== "dist")])
    cpSync(join(ROOT, file), join(folder, file), { recursive: true });
}
