/** Which characters make a name, quoted or not. */
import type { Ident } from "./ast.ts";

/** Letters beyond ASCII. Written as ranges: Chevrotain drops the `u` flag silently. Spaces and punctuation are left out. */
export const LETTERS =
  "\\u00AA\\u00B5\\u00BA\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u167F\\u1681-\\u1FFF\\u2070-\\u218F" +
  "\\u2C00-\\u2DFF\\u3005-\\uDFFF\\uF900-\\uFDFF\\uFE70-\\uFEFC\\uFF10-\\uFFDC";
export const NAME_PATTERN = `[A-Za-z_@$${LETTERS}][\\w@$${LETTERS}]*`;
const RAW_SEGMENT = `(?:(?!--|/\\*)[\\w@$${LETTERS}/+:{}-])+`;
const QUOTED_SEGMENT = ["`", '"', "'"].map((q) => `${q}(?!${q}(?!${q}))[^${q}]*(?:${q}${q}[^${q}]*)*${q}`).join("|");

const plainName = new RegExp(`^${NAME_PATTERN}$`);
const plainSegment = new RegExp(`^${RAW_SEGMENT}$`);
/** Dot-separated parts, each quoted or not: `my.topic-1`, `` elastic.`odd name` ``. */
export const rawName = new RegExp(`(?:${QUOTED_SEGMENT}|${RAW_SEGMENT})(?:\\.(?:${QUOTED_SEGMENT}|${RAW_SEGMENT}))*`, "y");
/** Up to white space or `;`. */
export const rawText = /[^\s;`'"][^\s;]*/y;

/** Whether the text can be a field name without back-ticks; keywords are another matter. */
export const isPlainName = (text: string): boolean => plainName.test(text);
/** Whether the text can be a part of a topic, index or table name without back-ticks. */
export const isPlainSegment = (text: string): boolean => plainSegment.test(text);
/** Whether the text can follow `WITHINDEXSUFFIX =` without back-ticks. */
export const isPlainText = (text: string): boolean => /^[^\s;`'"][^\s;]*$/.test(text);

/** The content of a quoted name or string: the outer quotes go, doubled ones become one. */
export function unquote(image: string): string {
  const quote = image[0] ?? "";
  return image.slice(1, -1).replaceAll(quote + quote, quote);
}

/** The dot-separated parts of a raw name, without their quotes. */
export function splitRawName(image: string, offset: number): Ident[] {
  const segment = new RegExp(`${QUOTED_SEGMENT}|${RAW_SEGMENT}`, "g");
  return [...image.matchAll(segment)].map((match) => {
    const quoted = /^[`"']/.test(match[0]);
    const start = offset + match.index;
    return { name: quoted ? unquote(match[0]) : match[0], quoted, span: { start, end: start + match[0].length } };
  });
}
