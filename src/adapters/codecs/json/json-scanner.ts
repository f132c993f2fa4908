import { isUtf8 } from "node:buffer";
import { LIMITS } from "../../../limits.ts";
import { Tag } from "../../../model/column-batch.ts";
import type { FieldNode } from "./field-trie.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Which byte may follow a backslash: 1, or 2 for `u`. */
const ESCAPES = new Uint8Array(256);
for (const character of '"\\/bfnrt') ESCAPES[character.charCodeAt(0)] = 1;
ESCAPES["u".charCodeAt(0)] = 2;

/**
 * Checks one JSON document byte by byte, to its end and strictly (RFC 8259, valid UTF-8), and puts the needed fields into
 * their columns on the way. What is not needed is checked all the same, so that a record is broken whoever reads it.
 */
export class JsonScanner {
  /** Why the last document was refused, and at which of its bytes. */
  reason = "";
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;
  private start = 0;
  private row = 0;
  private sawHighByte = false;
  private stringHasEscapes = false;

  /** True: the bytes are one whole document, and the columns under `root` hold its fields in `row`. */
  scan(bytes: Buffer, start: number, end: number, row: number, root: FieldNode): boolean {
    this.bytes = bytes;
    this.start = start;
    this.at = start;
    this.end = end;
    this.row = row;
    this.sawHighByte = false;
    if (!this.value(root, 0)) return false;
    this.space();
    if (this.at < end) return this.refuse("unexpected text after the value");
    if (this.sawHighByte && !isUtf8(bytes.subarray(start, end))) {
      this.at = start;
      return this.refuse("the text is not valid UTF-8");
    }
    return true;
  }

  private refuse(what: string): boolean {
    if (this.at >= this.end) this.reason = `unexpected end of the JSON text (${this.end - this.start} bytes)`;
    else this.reason = `${what} at byte ${this.at - this.start} of the JSON text`;
    return false;
  }

  private space(): void {
    const { bytes, end } = this;
    let at = this.at;
    while (at < end) {
      const c = bytes[at] as number;
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) break;
      at++;
    }
    this.at = at;
  }

  private value(node: FieldNode | null, depth: number): boolean {
    this.space();
    if (this.at >= this.end) return this.refuse("");
    switch (this.bytes[this.at]) {
      case QUOTE:
        return this.stringValue(node);
      case OPEN_OBJECT:
        return this.object(node, depth + 1);
      case OPEN_ARRAY:
        return this.array(node, depth + 1);
      case 0x74:
        return this.word("true", Tag.true, node);
      case 0x66:
        return this.word("false", Tag.false, node);
      case 0x6e:
        return this.word("null", Tag.null, node);
      default:
        return this.number(node);
    }
  }

  private word(text: string, tag: number, node: FieldNode | null): boolean {
    const from = this.at;
    for (let i = 0; i < text.length; i++) {
      if (this.at >= this.end || this.bytes[this.at] !== text.charCodeAt(i)) return this.refuse(`expected ${text}`);
      this.at++;
    }
    node?.column?.set(this.row, tag, from, this.at);
    return true;
  }

  private stringValue(node: FieldNode | null): boolean {
    const from = this.at + 1;
    if (!this.string()) return false;
    node?.column?.set(this.row, this.stringHasEscapes ? Tag.escaped : Tag.string, from, this.at - 1);
    return true;
  }

  /** From the opening quote to behind the closing one. */
  private string(): boolean {
    const { bytes, end } = this;
    let at = this.at + 1;
    this.stringHasEscapes = false;
    for (; at < end; at++) {
      const c = bytes[at] as number;
      if (c === QUOTE) {
        this.at = at + 1;
        return true;
      }
      if (c >= 0x80) this.sawHighByte = true;
      else if (c === BACKSLASH) {
        this.stringHasEscapes = true;
        const kind = at + 1 < end ? ESCAPES[bytes[at + 1] as number] : 0;
        const length = kind === 2 ? 5 : 1;
        if (kind === 0 || (kind === 2 && !isHex(bytes, at + 2, end))) {
          this.at = at + 1 < end ? at : end;
          return this.refuse("an escape that JSON does not have");
        }
        at += length;
      } else if (c < 0x20) {
        this.at = at;
        return this.refuse("a control character in a string");
      }
    }
    this.at = end;
    return this.refuse("");
  }

  private object(node: FieldNode | null, depth: number): boolean {
    const from = this.at++;
    if (depth > LIMITS.jsonDepthMax) return this.refuse(`nested deeper than ${LIMITS.jsonDepthMax} levels`);
    this.space();
    if (this.bytes[this.at] === CLOSE_OBJECT && this.at < this.end) this.at++;
    else if (!this.members(node, depth)) return false;
    node?.column?.set(this.row, Tag.object, from, this.at);
    return true;
  }

  private members(node: FieldNode | null, depth: number): boolean {
    for (;;) {
      if (this.bytes[this.at] !== QUOTE || this.at >= this.end) return this.refuse("expected a member name in quotes");
      const nameStart = this.at + 1;
      if (!this.string()) return false;
      const child = node === null || node.children.length === 0 ? null : this.childAt(node, nameStart, this.at - 1);
      this.space();
      if (this.bytes[this.at] !== COLON || this.at >= this.end) return this.refuse("expected ':'");
      this.at++;
      if (child !== null) {
        if (child.metInRow === this.row) child.forget(this.row);
        child.metInRow = this.row;
      }
      if (!this.value(child, depth)) return false;
      this.space();
      if (this.at >= this.end) return this.refuse("");
      const c = this.bytes[this.at];
      if (c === CLOSE_OBJECT) {
        this.at++;
        return true;
      }
      if (c !== COMMA) return this.refuse("expected ',' or '}'");
      this.at++;
      this.space();
    }
  }

  private childAt(node: FieldNode, start: number, end: number): FieldNode | null {
    const { bytes } = this;
    const { children } = node;
    if (this.stringHasEscapes) {
      const name = JSON.parse(bytes.toString("utf8", start - 1, end + 1)) as string;
      return children.find((child) => child.name === name) ?? null;
    }
    const length = end - start;
    next: for (let c = 0; c < children.length; c++) {
      const child = children[c] as FieldNode;
      const { nameBytes } = child;
      if (nameBytes.length !== length) continue;
      for (let i = 0; i < length; i++) if (nameBytes[i] !== bytes[start + i]) continue next;
      return child;
    }
    return null;
  }

  private array(node: FieldNode | null, depth: number): boolean {
    const from = this.at++;
    if (depth > LIMITS.jsonDepthMax) return this.refuse(`nested deeper than ${LIMITS.jsonDepthMax} levels`);
    this.space();
    if (this.bytes[this.at] === CLOSE_ARRAY && this.at < this.end) this.at++;
    else {
      for (;;) {
        if (!this.value(null, depth)) return false;
        this.space();
        if (this.at >= this.end) return this.refuse("");
        const c = this.bytes[this.at++];
        if (c === CLOSE_ARRAY) break;
        if (c !== COMMA) {
          this.at--;
          return this.refuse("expected ',' or ']'");
        }
      }
    }
    node?.column?.set(this.row, Tag.array, from, this.at);
    return true;
  }

  /** Up to 15 digits and a small exponent are computed exactly; the rest is left to `Number`. */
  private number(node: FieldNode | null): boolean {
    const { bytes, end } = this;
    const from = this.at;
    let at = from;
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    let mantissa = 0;
    let digits = 0;
    let scale = 0;
    const first = at;
    for (let c = bytes[at] as number; at < end && c >= ZERO && c <= 0x39; c = bytes[++at] as number) {
      mantissa = mantissa * 10 + (c - ZERO);
      digits++;
    }
    if (at === first || (bytes[first] === ZERO && at > first + 1)) return this.refuseAt(at === first ? at : first + 1, "expected a value");
    if (at < end && bytes[at] === POINT) {
      const point = ++at;
      for (let c = bytes[at] as number; at < end && c >= ZERO && c <= 0x39; c = bytes[++at] as number) {
        mantissa = mantissa * 10 + (c - ZERO);
        digits++;
        scale++;
      }
      if (at === point) return this.refuseAt(at, "expected a digit");
    }
    const hasExponent = at < end && (bytes[at] === 0x65 || bytes[at] === 0x45);
    if (hasExponent) {
      at++;
      if (at < end && (bytes[at] === 0x2b || bytes[at] === MINUS)) at++;
      const exponent = at;
      while (at < end && (bytes[at] as number) >= ZERO && (bytes[at] as number) <= 0x39) at++;
      if (at === exponent) return this.refuseAt(at, "expected a digit");
    }
    this.at = at;
    const column = node?.column;
    if (column !== undefined && column !== null) {
      const exact = !hasExponent && digits <= 15;
      const value = exact ? mantissa / (POWERS[scale] as number) : Number(bytes.toString("latin1", from, at));
      column.set(this.row, Tag.number, from, at);
      column.numbers[this.row] = exact && negative ? -value : value;
    }
    return true;
  }

  private refuseAt(at: number, what: string): boolean {
    this.at = at;
    return this.refuse(what);
  }
}

function isHex(bytes: Buffer, start: number, end: number): boolean {
  if (start + 4 > end) return false;
  for (let i = start; i < start + 4; i++) {
    const c = bytes[i] as number;
    const lower = c | 0x20;
    if (!((c >= ZERO && c <= 0x39) || (lower >= 0x61 && lower <= 0x66))) return false;
  }
  return true;
}
