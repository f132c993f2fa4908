import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";

export interface RotatingOptions {
  /** A file that would grow over it becomes `FILE.1`, `FILE.1` becomes `FILE.2`, … */
  readonly bytesMax: number;
  /** Files kept, the one that is written among them. */
  readonly filesMax: number;
}

/** Lines that are only ever added to a file, the oldest of which go as whole files. One process has it. */
export class RotatingLines {
  private readonly path: string;
  private readonly options: RotatingOptions;
  private file: FileHandle | null = null;
  private bytes = 0;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(path: string, options: RotatingOptions) {
    this.path = path;
    this.options = options;
  }

  /** Resolves once the line outlives the process. */
  append(line: string): Promise<void> {
    return this.inTurn(() => this.appendNow(Buffer.from(`${line}\n`)));
  }

  /** The last lines, the latest first. */
  latest(count: number): Promise<readonly string[]> {
    return this.inTurn(async () => {
      const found: string[] = [];
      for (let age = 0; age < this.options.filesMax && found.length < count; age++) {
        const text = await readFile(this.pathOf(age), "utf8").catch(orEmpty);
        found.push(...text.split("\n").filter(Boolean).reverse());
      }
      return found.slice(0, count);
    });
  }

  async close(): Promise<void> {
    await this.inTurn(() => this.put());
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.queue.then(action);
    this.queue = done.catch(() => {});
    return done;
  }

  private async appendNow(line: Buffer): Promise<void> {
    if (this.bytes > 0 && this.bytes + line.length > this.options.bytesMax) await this.turn();
    if (this.file === null) {
      this.file = await open(this.path, "a", 0o600);
      this.bytes = (await this.file.stat()).size;
      if (this.bytes + line.length > this.options.bytesMax && this.bytes > 0) return this.appendNow(line);
    }
    await this.file.appendFile(line);
    this.bytes += line.length;
  }

  private async turn(): Promise<void> {
    await this.put();
    await rm(this.pathOf(this.options.filesMax - 1), { force: true });
    for (let age = this.options.filesMax - 2; age >= 0; age--) await rename(this.pathOf(age), this.pathOf(age + 1)).catch(orEmpty);
  }

  private async put(): Promise<void> {
    await this.file?.close();
    this.file = null;
    this.bytes = 0;
  }

  private pathOf(age: number): string {
    return age === 0 ? this.path : `${this.path}.${age}`;
  }
}

/** What is not there yet holds nothing. */
function orEmpty(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "";
  throw error;
}
