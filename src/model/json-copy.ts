import type { ByteWriter } from "./byte-writer.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * Copies one checked JSON value without its line breaks: in a checked value they only stand between tokens, and there
 * they would end a line of a bulk request, or forge one (`runtime.md` §5).
 */
export function copyJson(source: Uint8Array, start: number, end: number, target: ByteWriter): void {
  let runStart = start;
  for (let i = start; i < end; i++) {
    const byte = source[i] as number;
    if (byte > CARRIAGE_RETURN || (byte !== LINE_FEED && byte !== CARRIAGE_RETURN)) continue;
    if (i > runStart) target.bytes(source, runStart, i);
    runStart = i + 1;
  }
  target.bytes(source, runStart, end);
}

/**
 * Copies the members of a checked JSON object, without its braces, except those whose decoded names are in `names`.
 * Gives whether there was any, so that the caller knows about the comma.
 */
export function copyObjectWithout(source: Buffer, start: number, end: number, names: ReadonlySet<string>, target: ByteWriter): boolean {
  let any = false;
  let at = skipSpace(source, start + 1);
  while (at < end && source[at] === QUOTE) {
    const nameEnd = stringEnd(source, at);
    const memberEnd = valueEnd(source, nameEnd, end);
    if (!isNamed(source, at + 1, nameEnd - 1, names)) {
      if (any) target.byte(COMMA);
      copyJson(source, at, memberEnd, target);
      any = true;
    }
    at = skipSpace(source, memberEnd);
    if (source[at] === COMMA) at = skipSpace(source, at + 1);
  }
  return any;
}

/**
 * Copies the members of a checked JSON object, without its braces, except those in `without`, behind what stands there already
 * (`any`). One whose name is taken is called `name_1`; with `keeps` the names are taken from then on. Gives whether there is any.
 */
export function copyMembers(
  source: Buffer,
  start: number,
  end: number,
  { without, taken, keeps }: { readonly without: ReadonlySet<string>; readonly taken: Set<string>; readonly keeps: boolean },
  target: ByteWriter,
  any: boolean,
): boolean {
  let written = any;
  let at = skipSpace(source, start + 1);
  while (at < end && source[at] === QUOTE) {
    const nameEnd = stringEnd(source, at);
    const memberEnd = valueEnd(source, nameEnd, end);
    const name = JSON.parse(source.toString("utf8", at, nameEnd)) as string;
    if (!without.has(name)) {
      if (written) target.byte(COMMA);
      written = true;
      const free = freeName(name, taken);
      if (keeps) taken.add(free);
      if (free === name) copyJson(source, at, memberEnd, target);
      else {
        target.jsonString(free);
        copyJson(source, nameEnd, memberEnd, target);
      }
    }
    at = skipSpace(source, memberEnd);
    if (source[at] === COMMA) at = skipSpace(source, at + 1);
  }
  return written;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let number = 1;
  while (taken.has(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}

function skipSpace(source: Uint8Array, from: number): number {
  let at = from;
  for (let byte = source[at]; byte === 0x20 || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === 0x09; byte = source[at]) at++;
  return at;
}

/** The position after the closing quote of the string that opens at `start`. */
function stringEnd(source: Uint8Array, start: number): number {
  let at = start + 1;
  while (source[at] !== QUOTE) at += source[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** Where the member ends whose name ends at `from`: at the comma or brace that follows its value. */
function valueEnd(source: Uint8Array, from: number, end: number): number {
  let depth = 0;
  for (let at = from; at < end; at++) {
    switch (source[at]) {
      case QUOTE:
        at = stringEnd(source, at) - 1;
        break;
      case 0x7b:
      case 0x5b:
        depth++;
        break;
      case 0x7d:
      case 0x5d:
        if (depth === 0) return at;
        depth--;
        break;
      case COMMA:
        if (depth === 0) return at;
        break;
    }
  }
  return end;
}

function isNamed(source: Buffer, start: number, end: number, names: ReadonlySet<string>): boolean {
  for (const name of names) {
    if (isText(source, start, end, name)) return true;
  }
  const plain = (byte: number): boolean => byte !== BACKSLASH && byte < 0x80;
  for (let i = start; i < end; i++) {
    if (!plain(source[i] as number)) return names.has(JSON.parse(source.toString("utf8", start - 1, end + 1)) as string);
  }
  return false;
}

/** Whether the bytes are this text, of ASCII without escapes; other names are decoded by the caller. */
function isText(source: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== source[start + i] || code === BACKSLASH) return false;
  }
  return true;
}
