/** Which characters make a name, quoted or not. */
import type { Ident } from "./ast.ts";

/** Letters beyond ASCII. Written as ranges: Chevrotain drops the `u` flag silently. Spaces and punctuation are left out. */
export const LETTERS =
  "\\u00AA\\u00B5\\u00BA\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u167F\\u1681-\\u1FFF\\u2070-\\u218F" +
  "\\u2C00-\\u2DFF\\u3005-\\uDFFF\\uF900-\\uFDFF\\uFE70-\\uFEFC\\uFF10-\\uFFDC";
export const NAME_PATTERN = `[A-Za-z_@$${LETTERS}][\\w@$${LETTERS}]*`;
const RAW_SEGMENT = `(?:\\{[^{}\\s;'"\`]*\\}|(?!--|/\\*)[\\w@$${LETTERS}/+:{}-])+`;
const QUOTED_SEGMENT = ["`", '"', "'"].map((q) => `${q}(?!${q}(?!${q}))[^${q}]*(?:${q}${q}[^${q}]*)*${q}`).join("|");

const plainName = new RegExp(`^${NAME_PATTERN}$`);
const rawSegment = new RegExp(RAW_SEGMENT, "y");
/** Dot-separated parts, each quoted or not: `my.topic-1`, `` elastic.`odd name` ``. */
export const rawName = new RegExp(`(?:${QUOTED_SEGMENT}|${RAW_SEGMENT})(?:\\.(?:${QUOTED_SEGMENT}|${RAW_SEGMENT}))*`, "y");
/** A field in back-ticks that has parts in single quotes. */
export const quotedFacet = /^`_(?:key|value|header)(?:\.(?:'[^'`]+'|[\w@-]+))*\.'[^'`]+'(?:\.(?:'[^'`]+'|[\w@-]+))*`$/;
/** What is in braces, and in quotes, belongs together; a comment ends a text. */
const RAW_PIECE = `\\{(?:'[^'\\n]*'|[^{}'\\n;])*\\}|${QUOTED_SEGMENT}`;
const RAW_TEXT = `(?!=)(?:${RAW_PIECE}|(?!--|/\\*)[^\\s;(),'"\`])+`;
const PAIR_TEXT = `(?:''|""|(?:${RAW_PIECE}|(?!--|/\\*)[^\\s;(),='"\`])+)`;
/** The value of a clause: up to white space, `;`, a comma or a parenthesis. */
export const rawText = new RegExp(RAW_TEXT, "y");
/** A key or a value in parentheses: `=` ends it too. */
export const pairText = new RegExp(PAIR_TEXT, "y");

const quotedWhole = new RegExp(`^(?:${QUOTED_SEGMENT}|''|"")$`);
const QUOTES = /['"`]/;

/** As the lexer reads it, which never goes back: with `$` in the pattern braces could be tried in very many ways. */
function isWhole(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.exec(text)?.[0] === text;
}

/** Whether the text can be a field name without back-ticks; keywords are another matter. */
export const isPlainName = (text: string): boolean => plainName.test(text);
/** Whether the text is the name of a topic, index or table as one writes it, quotes included. */
export const isRawName = (text: string): boolean => isWhole(rawName, text);
/** Whether the text can be a part of a topic, index or table name without back-ticks. */
export const isPlainSegment = (text: string): boolean => isWhole(rawSegment, text);
/** Whether the text can be the value of a clause without back-ticks. */
export const isPlainText = (text: string): boolean => isWhole(rawText, text) && !QUOTES.test(text);
/** Whether the text can be a key or a value in parentheses without quotes. */
export const isPlainPair = (text: string): boolean => isWhole(pairText, text) && !QUOTES.test(text);

/** Raw text without the quotes around the whole of it. */
export const unquoteWhole = (image: string): string => (quotedWhole.test(image) ? unquote(image) : image);

/** The content of a quoted name or string: the outer quotes go, doubled ones become one. */
export function unquote(image: string): string {
  const quote = image[0] ?? "";
  return image.slice(1, -1).replaceAll(quote + quote, quote);
}

const segment = new RegExp(`${QUOTED_SEGMENT}|${RAW_SEGMENT}`, "g");

/** The dot-separated parts of a raw name, without their quotes. */
export function splitRawName(image: string, offset: number): Ident[] {
  if (!/[.'"`]/.test(image)) return [{ name: image, quoted: false, span: { start: offset, end: offset + image.length } }];
  return [...image.matchAll(segment)].map((match) => {
    const quoted = QUOTES.test(match[0].charAt(0));
    const start = offset + match.index;
    return { name: quoted ? unquote(match[0]) : match[0], quoted, span: { start, end: start + match[0].length } };
  });
}
