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

/**
 * Scans rows from `row` on for as long as their documents are of the shape, fills the needed columns, and gives the first
 * row that is not (or is null, or broken), else `count`. In that row it may have written cells.
 */
export type ShapeFunction = (bytes: Buffer, view: DataView, starts: Int32Array, ends: Int32Array, row: number, count: number) => number;

/**
 * Generates and compiles the code of one shape. It decides plain values alone: strings without escapes, numbers of up to
 * 15 digits without exponent, and leaves any other value to `scanner.valueAt`. The document's bytes enter the text as
 * numbers only.
 */
export function compileShape(shape: DocumentShape, scanner: JsonScanner, left: Float64Array): ShapeFunction {
  const nodes: FieldNode[] = [];
  const source = shapeSource(shape, nodes);
  const factory = new Function("scanner", "nodes", "powers", "stringEnd", "left", source) as (
    ...environment: readonly unknown[]
  ) => ShapeFunction;
  return factory(scanner, nodes, POWERS_OF_TEN, stringEnd, left);
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
${nodes.map((_, n) => `const n${n} = nodes[${n}], c${n} = n${n}.column;`).join("\n")}
return function (bytes, view, starts, ends, row, count) {
const lastWord = bytes.length - 4;
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
