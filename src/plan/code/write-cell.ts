import type { ByteWriter } from "../../model/byte-writer.ts";
import { Tag } from "../../model/column-batch.ts";
import { type ExactNumber, jsonText, numberText } from "../../model/exact-number.ts";
import { copyJson } from "../../model/json-copy.ts";
import { text } from "./values.ts";

/** Copies a cell as JSON; what is absent becomes null. False: it is no text (a lone surrogate). */
export function writeCell(w: ByteWriter, bytes: Buffer, tag: number, start: number, end: number): boolean {
  switch (tag) {
    case Tag.absent:
    case Tag.null:
      w.ascii("null");
      return true;
    case Tag.false:
      w.ascii("false");
      return true;
    case Tag.true:
      w.ascii("true");
      return true;
    case Tag.number:
      w.bytes(bytes, start, end);
      return true;
    case Tag.string:
      w.bytes(bytes, start - 1, end + 1);
      return true;
    case Tag.text:
      w.jsonStringFromUtf8(bytes, start, end);
      return true;
    case Tag.escaped: {
      // Decoded and written anew, so that every path writes the same bytes for the same text.
      const decoded = text(bytes, tag, start, end);
      if (decoded === undefined) return false;
      w.jsonString(decoded);
      return true;
    }
    default:
      copyJson(bytes, start, end, w);
      return true;
  }
}

/** Writes a number with all digits of an integer. */
export function writeExact(w: ByteWriter, value: ExactNumber): void {
  if (typeof value === "number") w.number(value);
  else w.ascii(String(value));
}

/** Writes any value as JSON. */
export function writeAny(w: ByteWriter, value: unknown): void {
  w.utf8(jsonText(value));
}

/** Writes a number as a part of a key: equal numbers in the same way. */
function writeKeyNumber(w: ByteWriter, value: ExactNumber): void {
  if (Number.isSafeInteger(value)) w.number(value as number);
  else w.ascii(typeof value === "bigint" || Number.isFinite(value) ? numberText(value) : "null");
}

/** Writes a JSON string, or what stands between its quotes. */
export function writeQuoted(w: ByteWriter, text: DataView, quoted: boolean): true {
  if (quoted) w.piece(text);
  else w.piece(text, 1, text.byteLength - 1);
  return true;
}

/** Writes one grouping value in its canonical form. False: objects and arrays cannot be grouped by. */
export function writeGroupValue(w: ByteWriter, value: unknown): boolean {
  if (value === null) w.ascii("null");
  else if (typeof value === "number" || typeof value === "bigint") writeKeyNumber(w, value);
  else if (typeof value === "string") w.jsonString(value);
  else if (typeof value === "boolean") w.ascii(value ? "true" : "false");
  else return false;
  return true;
}
