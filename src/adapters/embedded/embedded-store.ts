import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { BroadcastChannel } from "node:worker_threads";
import { SluiceError } from "../../errors.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** How long a transaction waits for one of another process or thread. Its own stretch of work is far shorter. */
const BUSY_MS = 10_000;

/** A file of this beginning is none: what is kept under such a name is gone when its last user is. */
const IN_MEMORY = ":memory:";

export type SqlValue = SQLInputValue;

export function isInMemory(file: string): boolean {
  return file.startsWith(IN_MEMORY);
}

/**
 * One SQLite file, opened on first use. All connections of a thread with the same file share one store, and the stores of
 * a process's threads tell each other of writes, so that an append wakes the readers at once; other processes see it when
 * they look (`PartitionReader`).
 */
export class EmbeddedStore {
  readonly file: string;
  private database: DatabaseSync | null = null;
  private readonly statements = new Map<string, StatementSync>();
  private readonly listeners = new Set<() => void>();
  private users = 0;
  private otherThreads: BroadcastChannel | null = null;
  private static readonly open = new Map<string, EmbeddedStore>();

  private constructor(file: string) {
    this.file = file;
  }

  /** The store of a file; each `acquire` wants its `release`. No I/O. */
  static acquire(file: string): EmbeddedStore {
    const path = isInMemory(file) ? file : resolve(file);
    const store = EmbeddedStore.open.get(path) ?? new EmbeddedStore(path);
    EmbeddedStore.open.set(path, store);
    store.users++;
    return store;
  }

  release(): void {
    if (--this.users > 0) return;
    EmbeddedStore.open.delete(this.file);
    this.statements.clear();
    this.database?.close();
    this.database = null;
    this.otherThreads?.close();
    this.otherThreads = null;
    this.wake();
  }

  /** A statement, prepared once. For use inside `read` and `write` only. */
  prepare(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.handle().prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  get(sql: string, ...values: SqlValue[]): Record<string, unknown> | undefined {
    return this.prepare(sql).get(...values);
  }

  all(sql: string, ...values: SqlValue[]): Record<string, unknown>[] {
    return this.prepare(sql).all(...values);
  }

  run(sql: string, ...values: SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number } {
    const { changes, lastInsertRowid } = this.prepare(sql).run(...values);
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  }

  /** Reads one consistent state. Lets the event loop turn first: the work itself is synchronous. */
  async read<T>(work: () => T): Promise<T> {
    await setImmediate();
    return this.guard(work);
  }

  /** One durable transaction: all of it or nothing. */
  async write<T>(work: () => T): Promise<T> {
    await setImmediate();
    const result = this.guard(() => this.transaction(work));
    this.wake();
    this.otherThreads?.postMessage(null);
    return result;
  }

  /** As `read`, at once; for the few port methods that answer without a promise. */
  readNow<T>(work: () => T): T {
    return this.guard(work);
  }

  /** Calls `listener` after every transaction of this process, at once or, of another thread, soon. Gives a function that ends it. */
  onWrite(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private wake(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private transaction<T>(work: () => T): T {
    const database = this.handle();
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      database.exec("COMMIT");
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  private guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      throw new SluiceError(passes(error) ? "CONNECTION_FAILED" : "STORE_UNUSABLE", `${this.file}: ${error.message}`, { cause: error });
    }
  }

  private handle(): DatabaseSync {
    if (this.users === 0) throw new SluiceError("STOPPED", `${this.file} is closed`);
    if (this.database === null) {
      this.database = openDatabase(this.file);
      this.otherThreads = new BroadcastChannel(`sluice ${this.file}`);
      this.otherThreads.onmessage = () => this.wake();
      this.otherThreads.unref();
    }
    return this.database;
  }
}

function openDatabase(file: string): DatabaseSync {
  try {
    if (!isInMemory(file)) makeDirectory(dirname(file));
  } catch (error) {
    throw new SluiceError("STORE_UNUSABLE", `the directory of ${file} cannot be made: ${messageOf(error)}`, { cause: error });
  }
  const database = new DatabaseSync(isInMemory(file) ? IN_MEMORY : file, { timeout: BUSY_MS, enableForeignKeyConstraints: true });
  try {
    // FULL: a commit has reached the disk when it returns. With NORMAL a power cut may take back the last ones, which
    // another store (Kafka's state log, an index) knows as done.
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec("BEGIN IMMEDIATE");
    const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
    if (version === 0) database.exec(`${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec("COMMIT");
    if (version !== 0 && version !== SCHEMA_VERSION) {
      throw new SluiceError("STORE_UNUSABLE", `${file} has format ${String(version)}, this program knows ${SCHEMA_VERSION}`);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Not `mkdirSync` with `recursive`: below a file system that refuses with ENOENT, as /proc does, it never returns. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

/** SQLITE_CANTOPEN, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_READONLY: waiting does not mend these; it may mend BUSY, FULL and IOERR. */
const LASTING_RESULTS: ReadonlySet<unknown> = new Set([14, 11, 26, 8]);

function passes(error: Error): boolean {
  return !("errcode" in error && typeof error.errcode === "number" && LASTING_RESULTS.has(error.errcode & 0xff));
}

/** A BLOB as node:sqlite gives it, without a copy. */
export function asBuffer(blob: unknown): Buffer {
  const { buffer, byteOffset, byteLength } = blob as Uint8Array<ArrayBuffer>;
  return Buffer.from(buffer, byteOffset, byteLength);
}

function isSqliteError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && (error.code === "ERR_SQLITE_ERROR" || error.code === "ERR_INVALID_STATE");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
