/** Names and strings as text, with quotes where the grammar needs them. */
import type { Ident, Path } from "./ast.ts";
import { isPlainName, isPlainSegment } from "./names.ts";
import { isReserved, isReservedInNames } from "./tokens.ts";

/** Names with a meaning of their own: in back-ticks they are ordinary fields, so the back-ticks stay. */
const PSEUDO_FIELDS: ReadonlySet<string> = new Set([
  "_",
  "_key",
  "_value",
  "_header",
  "_meta",
  "_topic",
  "_partition",
  "_offset",
  "_timestamp",
  "_ts",
  "_ktype",
  "_vtype",
  "window_start",
  "windowstart",
  "windowend",
  "window_end",
  "window_row",
]);

export const quote = (mark: string, text: string): string => mark + text.replaceAll(mark, mark + mark) + mark;
export const printString = (value: string): string => quote("'", value);

/** `${topic}` stands for a name without quotes. */
const isPlain = (name: string): boolean => isPlainName(name) || /^\$\{\w+\}$/.test(name);

/** A name at the start of a path, where reserved words need back-ticks. */
export function printName(ident: Ident): string {
  const plain = isPlain(ident.name) && !isReserved(ident.name) && !(ident.quoted && PSEUDO_FIELDS.has(ident.name.toLowerCase()));
  return plain ? ident.name : quote("`", ident.name);
}

/** A name after a dot or AS, where every word is free. */
export const printFreeName = (ident: Ident): string => (isPlain(ident.name) ? ident.name : quote("`", ident.name));

export const printPath = (path: Path): string =>
  path.parts.map((part, index) => (index === 0 ? printName(part) : printFreeName(part))).join(".");

/** A topic, index or table. */
export function printRawPath(path: Path): string {
  const text = path.parts.map((part) => (isPlainSegment(part.name) ? part.name : quote("`", part.name))).join(".");
  return isReservedInNames(text) ? quote("`", text) : text;
}
