import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../../errors.ts";
import { reasonOf } from "../source-text.ts";
import { isKsqlTestFile } from "./ksql-tests.ts";
import { isRowTestFile, rowTestsOf } from "./read-row-tests.ts";

/**
 * The test files that the paths mean: themselves, those beside a query, or all below a folder. Sorted within a folder.
 * Rejects with FILE_UNREADABLE.
 */
export async function findTestFiles(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map(testFilesAt));
  return [...new Set(found.flat())];
}

async function testFilesAt(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [isTestFile(path) || !path.endsWith(".sql") ? path : besideQuery(path)];
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && isTestFile(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if (error instanceof SluiceError) throw error;
    throw new SluiceError("FILE_UNREADABLE", `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

const isTestFile = (file: string): boolean => isRowTestFile(file) || isKsqlTestFile(file);

/** A file of statements that is no query may be one of ksqlDB's tests. */
function besideQuery(query: string): string {
  const tests = rowTestsOf(query);
  return existsSync(tests) ? tests : query;
}
