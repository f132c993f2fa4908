import type { Writable } from "node:stream";
import { styleText } from "node:util";

type Stream = NodeJS.WriteStream;
type Style = Parameters<typeof styleText>[0];
/** Where text goes: a terminal has columns. */
export type TextStream = Writable & { readonly columns?: number };

/** Standard output is for results, standard error for everything said about them. Waits while the reader is slow. */
export async function write(stream: TextStream, text: string): Promise<void> {
  if (stream.write(text)) return;
  await new Promise<void>((resolve) => stream.once("drain", resolve));
}

export const print = (text: string): Promise<void> => write(process.stdout, `${text}\n`);
export const say = (text: string): Promise<void> => write(process.stderr, `${text}\n`);

/** Colour where the stream is a terminal and nobody forbids it (NO_COLOR). */
export function paint(stream: Stream, style: Style, text: string): string {
  return styleText(style, text, { stream, validateStream: true });
}

export function isColored(stream: Stream): boolean {
  return paint(stream, "bold", "x") !== "x";
}

/** `| head` closes our output early: that ends the program, and is no error. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

/** `1 file`, `1,234 files` */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** 1234567 → 1,234,567 */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
