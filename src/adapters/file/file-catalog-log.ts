import { copyFile, type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import type { CatalogContent, CatalogDamage, CatalogEntry, CatalogLog } from "../../ports/catalog-log.ts";
import type { Clock } from "../../ports/clock.ts";
import { readLine, writeLine } from "./catalog-lines.ts";
import { lockFile } from "./process-lock.ts";

const FILE = "catalog.log";
const LOCK = "catalog.lock";

/** Lines that say nothing any more, before the file is written anew: so many, and as many as those that do. */
const STALE_LINES_MAX = 1000;

/**
 * A catalog in one file of the data directory: a line for each change, checked by its CRC. A line that was cut off by a
 * crash was never acknowledged and goes; a line that is damaged otherwise costs itself alone, and the file as it was is
 * kept beside the mended one.
 */
export class FileCatalogLog implements CatalogLog {
  private readonly directory: string;
  private readonly clock: Clock;
  private lock: Disposable | null = null;
  private file: FileHandle | null = null;
  private entries = new Map<string, string>();
  private lines = 0;

  constructor(directory: string, clock: Clock) {
    this.directory = directory;
    this.clock = clock;
  }

  async open(): Promise<CatalogContent> {
    try {
      await mkdir(this.directory, { recursive: true });
      this.lock = lockFile(join(this.directory, LOCK));
      if (this.lock === null) throw this.busy();
      const damages = await this.read();
      return { entries: new Map(this.entries), damages };
    } catch (error) {
      await this.close();
      throw this.unusable(error);
    }
  }

  async append(entries: readonly CatalogEntry[]): Promise<void> {
    const file = must(this.file, "the open catalog");
    const { size } = await file.stat();
    try {
      await file.appendFile(writeLine(entries));
      await file.datasync();
    } catch (error) {
      // Half a line (no space left) would spoil the next one.
      await file.truncate(size).catch(() => {});
      throw this.unusable(error);
    }
    this.lines++;
    this.take(entries);
    if (this.lines > 2 * this.entries.size + STALE_LINES_MAX) await this.rewrite().catch((error) => Promise.reject(this.unusable(error)));
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = null;
    this.lock?.[Symbol.dispose]();
    this.lock = null;
  }

  private get path(): string {
    return join(this.directory, FILE);
  }

  private async read(): Promise<readonly CatalogDamage[]> {
    const text = await readFile(this.path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "";
      throw error;
    });
    const lines = text.split("\n");
    const cutOff = lines.pop() !== "";
    const problems: (readonly [line: number, problem: string])[] = [];
    for (const [index, line] of lines.entries()) {
      const read = readLine(line);
      if (typeof read === "string") problems.push([index + 1, read]);
      else this.take(read);
    }
    this.lines = lines.length;
    if (!cutOff && problems.length === 0) {
      this.file = await open(this.path, "a");
      return [];
    }
    const keptAs = problems.length === 0 ? "" : await this.putAside();
    await this.rewrite();
    return problems.map(([line, problem]) => ({ place: `${this.path}:${line}`, problem, keptAs }));
  }

  private take(entries: readonly CatalogEntry[]): void {
    for (const { key, value } of entries) {
      if (value === null) this.entries.delete(key);
      else this.entries.set(key, value);
    }
  }

  private async putAside(): Promise<string> {
    const copy = `${this.path}.damaged-${new Date(this.clock.now()).toISOString().replaceAll(":", "-")}`;
    await copyFile(this.path, copy);
    return copy;
  }

  /** What is there now, in a new file that takes the old one's place at once. */
  private async rewrite(): Promise<void> {
    const next = `${this.path}.next`;
    const file = await open(next, "w");
    const lines = [...this.entries].map(([key, value]) => writeLine([{ key, value }]));
    await file.writeFile(lines.join(""));
    await file.datasync();
    await rename(next, this.path);
    await syncDirectory(this.directory);
    await this.file?.close();
    this.file = file;
    this.lines = lines.length;
  }

  private busy(): SluiceError {
    const message = `another process has the catalog of pipelines in ${this.directory}`;
    return new SluiceError("STORE_BUSY", message, { hint: "stop the other server, or ask it: --server URL" });
  }

  private unusable(error: unknown): SluiceError {
    if (error instanceof SluiceError) return error;
    return new SluiceError("STORE_UNUSABLE", `${this.path}: ${(error as Error).message}`, { cause: error });
  }
}

/** A rename is durable once its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
