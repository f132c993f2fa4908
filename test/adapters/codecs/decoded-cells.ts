import { isUtf8 } from "node:buffer";
import { expect } from "vitest";
import { SlicesBuilder } from "../../../src/adapters/codecs/slices-builder.ts";
import { type FieldColumn, type FieldPath, Tag } from "../../../src/model/column-batch.ts";
import type { RecordSlices } from "../../../src/model/record-slices.ts";

export const ABSENT = Symbol("absent");
export const BROKEN = Symbol("broken");

export function slicesOf(values: readonly (Buffer | null)[], keys: readonly (Buffer | null)[] = []): RecordSlices {
  const builder = new SlicesBuilder("t", 0);
  for (const [i, value] of values.entries()) builder.append(i, i, keys[i] ?? null, value, null);
  const [slices] = builder.build(values.length);
  if (slices === undefined) throw new Error("no values");
  return slices;
}

export const valueField = (...path: string[]): FieldPath => ({ root: "value", path });

/**
 * JSON.parse with slashes for all backslashes in strings. V8 (of Node 24.21 at least) gives a name that is written with an
 * escape, say "\\u0061", the name "\\" once it has read a document with that name; so it is never shown one.
 */
function parseJson(text: string): unknown {
  return JSON.parse(text.replace(/\\[\s\S]/g, (pair) => (pair === "\\\\" ? "\\/" : pair)));
}

/** An integer that no double is. */
function isWide(text: string): boolean {
  return /^-?\d+$/.test(text) && BigInt(text) !== BigInt(Math.max(Math.min(Number(text), Number.MAX_VALUE), -Number.MAX_VALUE));
}

/** A cell as what `expected` gives for it. */
export function cellOf(column: FieldColumn, row: number): unknown {
  const text = column.bytes.toString("utf8", column.starts[row], column.ends[row]);
  switch (column.tags[row]) {
    case Tag.absent:
      return ABSENT;
    case Tag.null:
      return null;
    case Tag.false:
      return false;
    case Tag.true:
      return true;
    case Tag.number:
    case Tag.wide:
      expect(column.numbers[row]).toBe(Number(text));
      expect([text, column.tags[row] === Tag.wide]).toEqual([text, isWide(text)]);
      return column.numbers[row];
    case Tag.string:
      expect(text).not.toContain("\\");
      return text;
    case Tag.escaped:
      expect(text).toContain("\\");
      return parseJson(`"${text}"`);
    case Tag.text:
      return text;
    default: {
      const open = column.tags[row] === Tag.object ? "{" : "[";
      expect(text[0]).toBe(open);
      return parseJson(text);
    }
  }
}

/** What JSON.parse finds. */
export function expected(bytes: Buffer, path: readonly string[]): unknown {
  if (!isUtf8(bytes)) return BROKEN;
  let value: unknown;
  try {
    value = parseJson(bytes.toString("utf8"));
  } catch {
    return BROKEN;
  }
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return ABSENT;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
