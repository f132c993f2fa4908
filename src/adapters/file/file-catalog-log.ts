import { copyFile, type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import type { CatalogChange, CatalogContent, CatalogDamage, CatalogListener, CatalogLog } from "../../ports/catalog-log.ts";
import type { Clock } from "../../ports/clock.ts";
import { readLine, writeLine } from "../catalog-lines.ts";
import { lockFile } from "./process-lock.ts";
import { SizeMark } from "./size-mark.ts";

const FILE = "catalog.log";
const MARK = "catalog.size";
const LOCK = "catalog.lock";

/** Lines that say nothing any more, before the file is written anew: so many, and as many as those that do. */
const STALE_LINES_MAX = 1000;

const LINE_END = 0x0a;

/**
 * A catalog in one file of the data directory: a line for each change, checked by its CRC. A line that was cut off by a
 * crash was never acknowledged and goes; one that is damaged otherwise, or was acknowledged and is gone, is told: the file
 * as it was is kept beside the mended one. One process has it at a time.
 */
export class FileCatalogLog implements CatalogLog {
  private readonly directory: string;
  private readonly clock: Clock;
  private readonly mark: SizeMark;
  private lock: Disposable | null = null;
  private file: FileHandle | null = null;
  private listener: CatalogListener | null = null;
  private generation = 0;
  private entries = new Map<string, string>();
  private lines = 0;

  constructor(directory: string, clock: Clock) {
    this.directory = directory;
    this.clock = clock;
    this.mark = new SizeMark(join(directory, MARK));
  }

  async open(listener: CatalogListener): Promise<CatalogContent> {
    try {
      await mkdir(this.directory, { recursive: true });
      this.lock = lockFile(join(this.directory, LOCK));
      if (this.lock === null) throw this.busy();
      const damages = await this.read();
      this.listener = listener;
      return { generation: this.generation, entries: new Map(this.entries), damages };
    } catch (error) {
      await this.close();
      throw this.unusable(error);
    }
  }

  async append(change: CatalogChange): Promise<void> {
    const file = must(this.file, "the open catalog");
    const { size } = await file.stat();
    try {
      await file.appendFile(writeLine(change));
      await file.datasync();
      await this.mark.write((await file.stat()).size);
    } catch (error) {
      // Half a line (no space left) would spoil the next one.
      await file.truncate(size).catch(() => {});
      throw this.unusable(error);
    }
    this.lines++;
    this.take(change);
    this.listener?.onChange(change);
    if (this.lines > 2 * this.entries.size + STALE_LINES_MAX) await this.rewrite().catch((error) => Promise.reject(this.unusable(error)));
  }

  async close(): Promise<void> {
    this.listener = null;
    await this.file?.close();
    this.file = null;
    this.lock?.[Symbol.dispose]();
    this.lock = null;
  }

  private get path(): string {
    return join(this.directory, FILE);
  }

  private async read(): Promise<readonly CatalogDamage[]> {
    const bytes = await readFile(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return Buffer.alloc(0);
      throw error;
    });
    const whole = bytes.lastIndexOf(LINE_END) + 1;
    const lines = bytes.toString("utf8", 0, whole).split("\n").slice(0, -1);
    const problems: (readonly [place: string, problem: string])[] = [];
    for (const [index, line] of lines.entries()) {
      const read = readLine(line);
      if (typeof read === "string") problems.push([`${this.path}:${index + 1}`, read]);
      else this.take(read);
    }
    const marked = await this.mark.read();
    if (marked === null) problems.push([this.mark.path, "cannot be read: whether the catalog has lost its end is not known"]);
    else if (marked > whole) {
      const problem = `has lost its end: of ${marked} bytes that were acknowledged ${whole} are there as whole lines`;
      problems.push([`${this.path}:${lines.length + 1}`, problem]);
    }
    this.lines = lines.length;
    if (whole === bytes.length && problems.length === 0) {
      this.file = await open(this.path, "a");
      return [];
    }
    // Whoever has seen a generation that is lost now must not take another change for it.
    this.generation += problems.length;
    const keptAs = problems.length === 0 ? null : await this.putAside();
    await this.rewrite();
    return problems.map(([place, problem]) => ({ place, problem, keptAs }));
  }

  private take({ generation, entries }: CatalogChange): void {
    this.generation = Math.max(this.generation, generation);
    for (const { key, value } of entries) {
      if (value === null) this.entries.delete(key);
      else this.entries.set(key, value);
    }
  }

  /** null: the file is gone. */
  private async putAside(): Promise<string | null> {
    const copy = `${this.path}.damaged-${new Date(this.clock.now()).toISOString().replaceAll(":", "-")}`;
    try {
      await copyFile(this.path, copy);
      return copy;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  /** What is there now, in a new file that takes the old one's place at once; the lines for entries are damaged one by one. */
  private async rewrite(): Promise<void> {
    const { generation } = this;
    const next = `${this.path}.next`;
    const file = await open(next, "w");
    const changes = [{ generation, entries: [] }, ...[...this.entries].map(([key, value]) => ({ generation, entries: [{ key, value }] }))];
    const text = changes.map(writeLine).join("");
    await file.writeFile(text);
    await file.datasync();
    // Before the shorter file is in place, for which the old mark would be too long.
    await this.mark.write(Buffer.byteLength(text));
    await rename(next, this.path);
    await syncDirectory(this.directory);
    await this.file?.close();
    this.file = file;
    this.lines = changes.length;
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
