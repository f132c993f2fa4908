import { LIMITS } from "../../../limits.ts";
import { Tag } from "../../../model/column-batch.ts";
import type { DocumentShape, ShapePart } from "./document-shape.ts";
import type { FieldNode } from "./field-trie.ts";
import type { JsonScanner } from "./json-scanner.ts";
import { literalTest } from "./literal-test.ts";
import { POWERS_OF_TEN } from "./number-value.ts";
import { Leave, leaveRow } from "./shape-leave.ts";
import { stringEnd } from "./string-end.ts";
import { scannedValueCode, setCode, valueCode } from "./value-code.ts";

/** What differs between decoders whose documents are of one shape. */
export interface ShapeContext {
  readonly scanner: JsonScanner;
  /** Where values are needed, in the order in which the shape's text names them. */
  readonly nodes: readonly FieldNode[];
  /** Counts by `Leave`. */
  readonly left: Float64Array;
}

/**
 * Scans rows from `row` on for as long as their documents are of the shape, fills the needed columns, and gives the first
 * row that is not (or is null, or broken), else `count`. In that row it may have written cells.
 */
export type ShapeFunction = (
  context: ShapeContext,
  bytes: Buffer,
  view: DataView,
  starts: Int32Array,
  ends: Int32Array,
  row: number,
  count: number,
) => number;

/** By text. Partitions have documents of the same shapes as a rule: one function for all is optimized once, and sooner. */
const compiled = new Map<string, ShapeFunction>();

/**
 * Generates and compiles the code of one shape. It decides plain values alone: strings without escapes, numbers of up to
 * 15 digits without exponent, and leaves any other value to `scanner.valueAt`. The document's bytes enter the text as
 * numbers only.
 */
export function compileShape(source: string): ShapeFunction {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const factory = new Function("powers", "stringEnd", source) as (...environment: readonly unknown[]) => ShapeFunction;
  const rows = factory(POWERS_OF_TEN, stringEnd);
  if (compiled.size === LIMITS.shapesCompiledMax) compiled.delete(compiled.keys().next().value as string);
  compiled.set(source, rows);
  return rows;
}

/** The text of the function's factory; nodes that it names by index are appended to `nodes`. */
export function shapeSource(shape: DocumentShape, nodes: FieldNode[]): string {
  const filled = new Set<number>();
  let body = "";
  for (const [i, part] of shape.parts.entries()) {
    const isShort = body.length < LIMITS.shapeCodeCharacters;
    const n = indexOf(nodes, part);
    if (n >= 0 && nodes[n]?.column !== null && (isShort || part.kind !== "value")) filled.add(n);
    body += `${partCode(part, i, n, isShort)}\n`;
  }
  return `"use strict";
return function (context, bytes, view, starts, ends, row, count) {
const { scanner, nodes, left } = context, lastWord = bytes.length - 4;
${nodes.map((_, n) => `const n${n} = nodes[${n}], c${n} = n${n}.column;`).join("\n")}
${[...filled].map((n) => `const t${n} = c${n}.tags, x${n} = c${n}.numbers, s${n} = c${n}.starts, e${n} = c${n}.ends;`).join("\n")}
for (; row < count; row++) {
const start = starts[row], end = ends[row];
if (start < 0 || end - start < ${lengthMin(shape)}) ${leaveRow(Leave.length)}
let p = start;
${body}
if (p !== end) ${leaveRow(Leave.end)}
}
return row;
};`;
}

/** What is the same in all documents, and a byte for each value. */
function lengthMin({ parts }: DocumentShape): number {
  return parts.reduce((sum, part) => sum + (part.kind === "literal" ? part.bytes.length : part.kind === "value" ? 1 : 0), 0);
}

function indexOf(nodes: FieldNode[], part: ShapePart): number {
  if (part.kind === "literal" || part.node === null) return -1;
  const known = nodes.indexOf(part.node);
  return known < 0 ? nodes.push(part.node) - 1 : known;
}

function partCode(part: ShapePart, i: number, n: number, isShort: boolean): string {
  switch (part.kind) {
    case "literal":
      return `if (p > end - ${part.bytes.length} || ${literalTest(part.bytes)}) ${leaveRow(Leave.literal)}\np += ${part.bytes.length};`;
    case "open":
      return `const o${n} = p;`;
    case "close":
      return setCode(n, Tag.object, `o${n}`, "p");
    case "value":
      return isShort ? valueCode(part, i, n) : scannedValueCode(part, n);
  }
}
