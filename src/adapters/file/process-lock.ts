import { DatabaseSync } from "node:sqlite";

/**
 * A lock between processes, free again however its holder ends: SQLite's own, of a file that is used for nothing else.
 * null: another process holds it.
 */
export function lockFile(file: string): Disposable | null {
  const database = new DatabaseSync(file);
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
}
