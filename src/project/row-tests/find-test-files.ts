import { existsSync } from "node:fs";
import { filesAt } from "../pipeline-files.ts";
import { isKsqlTestFile } from "./ksql-tests.ts";
import { isRowTestFile, rowTestsOf } from "./read-row-tests.ts";

/**
 * The test files that the paths mean: themselves, those beside a query, or all below a folder. Sorted within a folder.
 * Rejects with FILE_UNREADABLE.
 */
export async function findTestFiles(paths: readonly string[]): Promise<readonly string[]> {
  return filesAt(paths, isTestFile, (path) => (isTestFile(path) || !path.endsWith(".sql") ? path : besideQuery(path)));
}

const isTestFile = (file: string): boolean => isRowTestFile(file) || isKsqlTestFile(file);

/** A file of statements that is no query may be one of ksqlDB's tests. */
function besideQuery(query: string): string {
  const tests = rowTestsOf(query);
  return existsSync(tests) ? tests : query;
}
