import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { SluiceError } from "../errors.ts";
import type { ObjectAggregate } from "../functions/collector.ts";
import { isBuiltIn } from "../functions/registry.ts";
import type { ScalarFunction } from "../functions/spec.ts";
import { definitionOf, setUserFunctions } from "../functions/user-functions.ts";

/** Folder of a project that holds functions of its own, each file a module. */
export const FUNCTIONS = "functions";

const EXTENSIONS = [".ts", ".mts", ".js", ".mjs"];

let loaded: readonly string[] = [];

/** The modules that were loaded last: what a worker thread loads as well. */
export function loadedFunctionFiles(): readonly string[] {
  return loaded;
}

/** The modules of a project, sorted. */
export async function findFunctionFiles(root: string): Promise<readonly string[]> {
  const folder = join(root, FUNCTIONS);
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const isModule = (name: string): boolean => EXTENSIONS.includes(extname(name)) && !name.endsWith(".d.ts");
  return entries
    .filter((entry) => entry.isFile() && isModule(entry.name))
    .map((entry) => join(folder, entry.name))
    .sort();
}

/**
 * Makes what these modules export the project's functions, in place of those before: every export is a definition. Rejects with
 * FUNCTION_INVALID, naming file and line.
 */
export async function loadFunctions(files: readonly string[]): Promise<void> {
  const names = new Map<string, string>();
  const scalars: ScalarFunction[] = [];
  const aggregates: ObjectAggregate[] = [];
  for (const file of files) {
    for (const [exported, value] of Object.entries(await load(file))) {
      const definition = await read(file, exported, value);
      for (const name of [definition.name, ...definition.synonyms]) {
        const other = names.get(name) ?? (isBuiltIn(name) ? "Sluice itself" : null);
        if (other !== null) throw await refusal(file, exported, `there is a function ${name} already, of ${other}`);
        names.set(name, file);
      }
      if ("collector" in definition) aggregates.push(definition);
      else scalars.push(definition);
    }
  }
  setUserFunctions({ scalars, aggregates });
  loaded = files;
}

async function load(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new SluiceError("FUNCTION_INVALID", `${placeIn(file, error)}: ${message}`, { cause: error });
  }
}

/** Where in the file an exception came from, as far as its stack tells. */
function placeIn(file: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, path = "", line = ""] of stack.matchAll(/(file:\/\/\/[^\s:)]+|\/[^\s:)]+)(?:\?[^:]*)?:(\d+)/g)) {
    if ((path.startsWith("file:") ? fileURLToPath(path) : path) === file) return `${file}:${line}`;
  }
  return file;
}

async function read(file: string, exported: string, value: unknown): Promise<ScalarFunction | ObjectAggregate> {
  try {
    return definitionOf(value);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw await refusal(file, exported, `${exported} is no function of SQL: ${error.message}`);
  }
}

/** With the line in which the export stands. */
async function refusal(file: string, exported: string, message: string): Promise<SluiceError> {
  const lines = (await readFile(file, "utf8")).split("\n");
  const pattern =
    exported === "default"
      ? /export\s+default\b/
      : new RegExp(`\\b(?:const|let|var|function|class)\\s+${exported}\\b|\\bas\\s+${exported}\\b`);
  const line = lines.findIndex((text) => pattern.test(text)) + 1;
  return new SluiceError("FUNCTION_INVALID", `${file}${line > 0 ? `:${line}` : ""}: ${message}`);
}
