import { isUtf8 } from "node:buffer";
import { LIMITS } from "../../../limits.ts";
import { Tag } from "../../../model/column-batch.ts";
import type { FieldNode } from "./field-trie.ts";
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  ESCAPES,
  isHexDigit,
  MINUS,
  OPEN_ARRAY,
  OPEN_OBJECT,
  PLUS,
  POINT,
  QUOTE,
  SPECIAL_IN_STRING,
  ZERO,
} from "./json-bytes.ts";
import { decimal, EXACT_DIGITS, isExact } from "./number-value.ts";

/** What every method gives instead of a position when the text is refused. */
export const REFUSED = -1;

/**
 * Checks one JSON document byte by byte, to its end and strictly (RFC 8259, valid UTF-8), and puts the needed fields into
 * their columns on the way. What is not needed is checked all the same, so that a record is broken whoever reads it.
 *
 * Its methods take the position where something begins and give the position behind it. Loops that any foreign byte ends
 * may look at bytes behind `end`, which are the next record's; where they stopped is compared with `end` afterwards.
 * Recursion is bounded by `LIMITS.jsonDepthMax`.
 */
export class JsonScanner {
  /** Why the last document was refused, and at which of its bytes. */
  reason = "";
  private bytes: Buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;
  private row = 0;
  private sawHighByte = false;
  private stringHasEscapes = false;

  /** True: the bytes are one whole document, and the columns under `root` hold its fields in `row`. */
  scan(bytes: Buffer, start: number, end: number, row: number, root: FieldNode): boolean {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.row = row;
    this.sawHighByte = false;
    const valueEnd = this.value(this.afterSpace(start), root, 0);
    if (valueEnd === REFUSED) return false;
    const rest = this.afterSpace(valueEnd);
    if (rest < end) return this.refuse(rest, "unexpected text after the value") !== REFUSED;
    if (this.sawHighByte && !isUtf8(bytes.subarray(start, end))) return this.refuse(start, "the text is not valid UTF-8") !== REFUSED;
    return true;
  }

  /**
   * One value that begins at `at`, inside of `depth` objects: what `scan` would find there. The position behind it, or
   * REFUSED; what follows is for the caller to look at.
   */
  valueAt(bytes: Buffer, start: number, end: number, row: number, at: number, node: FieldNode | null, depth: number): number {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.row = row;
    this.sawHighByte = false;
    const valueEnd = this.value(at, node, depth);
    return valueEnd !== REFUSED && this.sawHighByte && !isUtf8(bytes.subarray(at, valueEnd)) ? REFUSED : valueEnd;
  }

  private refuse(at: number, what: string): number {
    if (at >= this.end) this.reason = `unexpected end of the JSON text (${this.end - this.start} bytes)`;
    else this.reason = `${what} at byte ${at - this.start} of the JSON text`;
    return REFUSED;
  }

  private afterSpace(at: number): number {
    return (this.bytes[at] as number) > 0x20 ? at : this.skipSpace(at);
  }

  private skipSpace(from: number): number {
    const { bytes, end } = this;
    let at = from;
    while (at < end) {
      const c = bytes[at];
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) break;
      at++;
    }
    return at;
  }

  /** `at` is behind white space, as with all that begin with a token. */
  private value(at: number, node: FieldNode | null, depth: number): number {
    if (at >= this.end) return this.refuse(at, "");
    switch (this.bytes[at]) {
      case QUOTE: {
        const stringEnd = this.string(at);
        if (stringEnd !== REFUSED) node?.column?.set(this.row, this.stringHasEscapes ? Tag.escaped : Tag.string, at + 1, stringEnd - 1);
        return stringEnd;
      }
      case OPEN_OBJECT:
        return this.object(at, node, depth + 1);
      case OPEN_ARRAY:
        return this.array(at, node, depth + 1);
      case 0x74:
        return this.word(at, "true", Tag.true, node);
      case 0x66:
        return this.word(at, "false", Tag.false, node);
      case 0x6e:
        return this.word(at, "null", Tag.null, node);
      default:
        return this.number(at, node);
    }
  }

  private word(from: number, text: string, tag: number, node: FieldNode | null): number {
    for (let i = 0; i < text.length; i++) {
      if (from + i >= this.end || this.bytes[from + i] !== text.charCodeAt(i)) return this.refuse(from + i, `expected ${text}`);
    }
    const end = from + text.length;
    node?.column?.set(this.row, tag, from, end);
    return end;
  }

  /** From the opening quote to behind the closing one. */
  private string(from: number): number {
    const { bytes } = this;
    let at = from + 1;
    while (SPECIAL_IN_STRING[bytes[at] as number] === 0) at++;
    this.stringHasEscapes = false;
    return bytes[at] === QUOTE && at < this.end ? at + 1 : this.restOfString(at);
  }

  /** From the first special byte on: the way of strings that are not plain ASCII. */
  private restOfString(from: number): number {
    const { bytes, end } = this;
    let at = from;
    while (at < end) {
      const c = bytes[at] as number;
      if (c === QUOTE) return at + 1;
      if (c < 0x20) return this.refuse(at, "a control character in a string");
      if (c === BACKSLASH) {
        at = this.escape(at);
        if (at === REFUSED) return REFUSED;
      } else {
        if (c >= 0x80) this.sawHighByte = true;
        at++;
      }
    }
    return this.refuse(at, "");
  }

  private escape(at: number): number {
    const { bytes, end } = this;
    this.stringHasEscapes = true;
    if (at + 1 >= end) return this.refuse(end, "");
    const kind = ESCAPES[bytes[at + 1] as number];
    if (kind === 1) return at + 2;
    if (kind === 2) {
      for (let i = at + 2; i < at + 6; i++) {
        if (i >= end || !isHexDigit(bytes[i] as number)) return this.refuse(i, "expected a hexadecimal digit");
      }
      return at + 6;
    }
    return this.refuse(at + 1, "an escape that JSON does not have");
  }

  private object(from: number, node: FieldNode | null, depth: number): number {
    if (depth > LIMITS.jsonDepthMax) return this.refuse(from, `nested deeper than ${LIMITS.jsonDepthMax} levels`);
    const first = this.afterSpace(from + 1);
    const end = first < this.end && this.bytes[first] === CLOSE_OBJECT ? first + 1 : this.members(first, node, depth);
    if (end !== REFUSED) node?.column?.set(this.row, Tag.object, from, end);
    return end;
  }

  /** From the first member's name to behind the closing brace. */
  private members(from: number, node: FieldNode | null, depth: number): number {
    const { bytes, end, row } = this;
    const needed = node === null || node.children.length === 0 ? null : node;
    let at = from;
    for (;;) {
      if (at >= end || bytes[at] !== QUOTE) return this.refuse(at, "expected a member name in quotes");
      const nameStart = at + 1;
      at = this.string(at);
      if (at === REFUSED) return REFUSED;
      const child = needed === null ? null : needed.childAt(bytes, nameStart, at - 1, this.stringHasEscapes);
      if (child !== null) child.meet(row);
      if (at >= end || bytes[at] !== COLON) {
        at = this.afterSpace(at);
        if (at >= end || bytes[at] !== COLON) return this.refuse(at, "expected ':'");
      }
      at = this.value(this.afterSpace(at + 1), child, depth);
      if (at === REFUSED) return REFUSED;
      at = this.afterSpace(at);
      if (at >= end || bytes[at] !== COMMA) {
        return at < end && bytes[at] === CLOSE_OBJECT ? at + 1 : this.refuse(at, "expected ',' or '}'");
      }
      at = this.afterSpace(at + 1);
    }
  }

  private array(from: number, node: FieldNode | null, depth: number): number {
    const { bytes, end } = this;
    if (depth > LIMITS.jsonDepthMax) return this.refuse(from, `nested deeper than ${LIMITS.jsonDepthMax} levels`);
    let at = this.afterSpace(from + 1);
    if (at >= end || bytes[at] !== CLOSE_ARRAY) {
      for (;;) {
        at = this.value(at, null, depth);
        if (at === REFUSED) return REFUSED;
        at = this.afterSpace(at);
        if (at >= end || bytes[at] !== COMMA) break;
        at = this.afterSpace(at + 1);
      }
    }
    if (at >= end || bytes[at] !== CLOSE_ARRAY) return this.refuse(at, "expected ',' or ']'");
    node?.column?.set(this.row, Tag.array, from, at + 1);
    return at + 1;
  }

  private number(from: number, node: FieldNode | null): number {
    const { bytes, end } = this;
    const first = bytes[from] === MINUS ? from + 1 : from;
    let at = this.afterDigits(first);
    if (at === first) return this.refuse(at, "expected a value");
    if (bytes[first] === ZERO && at > first + 1) return this.refuse(first + 1, "a digit after a leading zero");
    const integerEnd = at;
    if (at < end && bytes[at] === POINT) {
      at = this.afterDigits(at + 1);
      if (at === integerEnd + 1) return this.refuse(at, "expected a digit");
    }
    const mantissaEnd = at;
    if (at < end && ((bytes[at] as number) | 0x20) === 0x65) {
      at++;
      if (at < end && (bytes[at] === PLUS || bytes[at] === MINUS)) at++;
      const exponent = at;
      at = this.afterDigits(at);
      if (at === exponent) return this.refuse(at, "expected a digit");
    }
    const column = node?.column;
    if (column !== undefined && column !== null) {
      const digits = mantissaEnd - first - (mantissaEnd > integerEnd ? 1 : 0);
      const isPlain = at === mantissaEnd && digits <= EXACT_DIGITS;
      const value = isPlain ? decimal(bytes, from, integerEnd, at) : Number(bytes.toString("latin1", from, at));
      const isWide = at === integerEnd && digits > EXACT_DIGITS && !isExact(value, bytes.toString("latin1", from, at));
      column.set(this.row, isWide ? Tag.wide : Tag.number, from, at);
      column.numbers[this.row] = value;
    }
    return at;
  }

  private afterDigits(from: number): number {
    const { bytes, end } = this;
    let at = from;
    while (((bytes[at] as number) ^ ZERO) <= 9) at++;
    return Math.min(at, end);
  }
}
