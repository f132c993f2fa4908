import { readFile, stat } from "node:fs/promises";
import { SluiceError } from "../errors.ts";

/** A text and the file it came from, as given by the user. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** Reads a UTF-8 file; FILE_UNREADABLE, or LIMIT_EXCEEDED where it has more bytes than it may. */
export async function readSourceText(file: string, bytesMax: number): Promise<SourceText> {
  const { bytes, error } = await contentOf(file, bytesMax);
  if (bytes === null) throw error;
  try {
    return { file, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    throw new SluiceError("FILE_UNREADABLE", `${file} is not UTF-8 text`);
  }
}

async function contentOf(file: string, bytesMax: number): Promise<{ bytes: Buffer; error: null } | { bytes: null; error: SluiceError }> {
  try {
    const { size } = await stat(file);
    if (size <= bytesMax) return { bytes: await readFile(file), error: null };
    return { bytes: null, error: new SluiceError("LIMIT_EXCEEDED", `${file} has ${size} bytes; at most ${bytesMax} are read`) };
  } catch (error) {
    return { bytes: null, error: new SluiceError("FILE_UNREADABLE", `cannot read ${file}: ${reasonOf(error)}`, { cause: error }) };
  }
}

/** `no such file or directory` instead of an errno with a path that the message has already. */
export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOENT") return "no such file or directory";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "it is a directory";
  return error instanceof Error ? error.message : String(error);
}
