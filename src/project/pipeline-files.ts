import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { SluiceError } from "../errors.ts";
import { reasonOf } from "./source-text.ts";

/** Folder of a project that holds its pipelines, and the file in it that declares what they share. */
export const QUERIES = "queries";
export const CATALOG_FILE = "catalog.sql";

export const PIPELINE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
export const PIPELINE_NAME_LENGTH_MAX = 200;

/**
 * A pipeline's name: its path below `queries/` without `.sql`, folders joined by dots; a file elsewhere is named after the file.
 * Names become parts of topic and table names, so their characters are few.
 */
export function pipelineName(root: string, file: string): string {
  const inside = relative(join(root, QUERIES), resolve(file));
  const isInside = inside !== "" && !inside.startsWith("..") && resolve(inside) !== inside;
  const name = (isInside ? inside.split(sep).join(".") : basename(file)).replace(/\.sql$/i, "");
  if (isPipelineName(name)) return name;
  throw new SluiceError("USAGE", `${file}: '${name}' cannot name a pipeline`, {
    hint: "rename the file: letters, digits, _ and - make a name of at most 200 characters",
  });
}

export function isPipelineName(name: string): boolean {
  return PIPELINE_NAME.test(name) && name.length <= PIPELINE_NAME_LENGTH_MAX;
}

export function isCatalogFile(root: string, file: string): boolean {
  return resolve(file) === resolve(root, QUERIES, CATALOG_FILE);
}

/** The names of a project's pipelines; none where it has no such folder. */
export async function projectPipelineNames(root: string): Promise<readonly string[]> {
  const folder = join(root, QUERIES);
  if (!existsSync(folder)) return [];
  const files = await findSqlFiles([folder]);
  return files.filter((file) => !isCatalogFile(root, file)).map((file) => pipelineName(root, file));
}

/** The `.sql` files that the paths mean: files as they are, folders with all below them but tests. Sorted within a folder. */
export async function findSqlFiles(paths: readonly string[]): Promise<readonly string[]> {
  return filesAt(paths, isQuery);
}

function isQuery(name: string): boolean {
  return /\.sql$/i.test(name) && !/\.test\.sql$/i.test(name);
}

/**
 * The files that the paths mean: files as they are, or as `asFile` takes them, folders with all below them whose names are
 * wanted. Each once, sorted within a folder. Rejects with FILE_UNREADABLE.
 */
export async function filesAt(
  paths: readonly string[],
  isWanted: (name: string) => boolean,
  asFile: (path: string) => string = (path) => path,
): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      try {
        if (!(await stat(path)).isDirectory()) return [asFile(path)];
        const entries = await readdir(path, { recursive: true, withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile() && isWanted(entry.name))
          .map((entry) => join(entry.parentPath, entry.name))
          .sort();
      } catch (error) {
        throw new SluiceError("FILE_UNREADABLE", `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
      }
    }),
  );
  return [...new Set(found.flat())];
}
