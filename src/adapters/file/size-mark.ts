import { constants } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";

/**
 * How long a file is at least, in a small file beside it: without it, a file that lost its end, or all of itself, looks like
 * one to which less was written.
 */
export class SizeMark {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** 0 where there is no mark; null where it cannot be read. */
  async read(): Promise<number | null> {
    const text = await readFile(this.path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return writtenMark(0);
      throw error;
    });
    const bytes = Number.parseInt(text, 10);
    return text.startsWith(writtenMark(bytes)) ? bytes : null;
  }

  /** Durably, and in place: a crash leaves the old mark or the new one. */
  async write(bytes: number): Promise<void> {
    const file = await open(this.path, constants.O_WRONLY | constants.O_CREAT);
    try {
      await file.writeFile(writtenMark(bytes));
      await file.datasync();
    } finally {
      await file.close();
    }
  }
}

/** What stands behind the line end is left of a longer one. */
function writtenMark(bytes: number): string {
  return `${bytes} ${crc32(String(bytes)).toString(16).padStart(8, "0")}\n`;
}
