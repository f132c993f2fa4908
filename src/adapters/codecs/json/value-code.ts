import { Tag } from "../../../model/column-batch.ts";
import type { SampleKind, ShapePart } from "./document-shape.ts";
import { Leave, leaveRow } from "./shape-leave.ts";

type ValuePart = ShapePart & { readonly kind: "value" };
/** Code that leaves the value to the scanner. */
type LeaveValue = (reason: number) => string;

/**
 * Code that moves `p` behind one value: tries what the sample was, and leaves what is not so (or not plain) to the scanner.
 * `i` makes names that are unique in the function; `n` is the index of the part's node, negative where there is none.
 */
export function valueCode(part: ValuePart, i: number, n: number): string {
  const { sample } = part;
  if (sample === "other") return scannedValueCode(part, n);
  return `v${i}: {
a${i}: {
${attemptCode(sample, part, `a${i}`, part.node?.column === null ? -1 : n)}
break v${i};
}
${scannedValueCode(part, n)}
}`;
}

/** The scanner takes the value, whatever it is. */
export function scannedValueCode(part: ValuePart, n: number): string {
  return `p = scanner.valueAt(bytes, start, end, row, p, ${n < 0 ? "null" : `n${n}`}, ${part.depth});
if (p < 0) ${leaveRow(Leave.value)}`;
}

/** Moves `p` behind the value, or leaves the block `label` with `p` where it was. */
function attemptCode(sample: Exclude<SampleKind, "other">, part: ValuePart, label: string, n: number): string {
  const leave: LeaveValue = (reason) => `{ left[${reason}]++; break ${label}; }`;
  switch (sample) {
    case "string":
      return stringCode(leave, n);
    case "number":
      return n < 0 ? skipNumberCode(leave) : numberCode(leave, n, part.sampleLength);
    case "boolean": {
      const word = `view.getInt32(p, true)`;
      return `if (p > lastWord) ${leave(Leave.kind)}
const isTrue = ${word} === ${wordOf("true")};
if (!isTrue && (${word} !== ${wordOf("fals")} || bytes[p + 4] !== 0x65)) ${leave(Leave.kind)}
const q = isTrue ? p + 4 : p + 5;
${setCode(n, `isTrue ? ${Tag.true} : ${Tag.false}`, "p", "q")}
p = q;`;
    }
    case "null":
      return `if (p > lastWord || view.getInt32(p, true) !== ${wordOf("null")}) ${leave(Leave.kind)}
${setCode(n, Tag.null, "p", "p + 4")}
p += 4;`;
  }
}

/** Fills the cell of column `n`. */
export function setCode(n: number, tag: number | string, from: string, to: string): string {
  return n < 0 ? "" : `t${n}[row] = ${tag}; s${n}[row] = ${from}; e${n}[row] = ${to};`;
}

function wordOf(text: string): number {
  return Buffer.from(text).readInt32LE();
}

/** Four bytes at a time: the lowest bit that is left in `special` belongs to the first byte that is not a plain character. */
function stringCode(leave: LeaveValue, n: number): string {
  return `if (bytes[p] !== 0x22) ${leave(Leave.kind)}
const from = p + 1;
let q = from, special = 0;
while (q <= lastWord) {
const word = view.getInt32(q, true);
special = ((word ^ 0x22222222) - 0x01010101 | (word ^ 0x5c5c5c5c) - 0x01010101 | word - 0x20202020 | word) & 0x80808080;
if (special !== 0) break;
q += 4;
}
if (special !== 0) q += 3 - (Math.clz32(special & 0 - special) >>> 3);
if (special === 0 || bytes[q] !== 0x22) {
q = stringEnd(bytes, q, end);
if (q < 0) ${leave(Leave.string)}
}
${setCode(n, Tag.string, "from", "q")}
p = q + 1;`;
}

function skipNumberCode(leave: LeaveValue): string {
  return `let q = bytes[p] === 0x2d ? p + 1 : p;
const first = q;
while ((bytes[q] ^ 0x30) <= 9) q++;
if (q === first) ${leave(Leave.kind)}
if (bytes[first] === 0x30 && q > first + 1) ${leave(Leave.number)}
let c = bytes[q];
if (c === 0x2e) {
const point = q++;
while (((c = bytes[q]) ^ 0x30) <= 9) q++;
if (q === point + 1) ${leave(Leave.number)}
}
if ((c | 0x20) === 0x65) ${leave(Leave.number)}
p = q;`;
}

/** Digits as one integer, divided by a power of ten: rounded once, as long as both are exact. */
function numberCode(leave: LeaveValue, n: number, sampleLength: number): string {
  const byWords = `while (q <= lastWord) {
const word = view.getInt32(q, true);
if (((word & 0xf0f0f0f0) ^ 0x30303030) !== 0 || ((word + 0x06060606 & 0xf0f0f0f0) ^ 0x30303030) !== 0) break;
const pairs = Math.imul(word & 0x0f0f0f0f, 10) + (word >>> 8 & 0x000f0f0f);
m = m * 10000 + (Math.imul(pairs & 0xff, 100) + (pairs >>> 16 & 0xff));
q += 4;
}`;
  return `const isNegative = bytes[p] === 0x2d;
const first = isNegative ? p + 1 : p;
let q = first, m = 0, c = 0;
${sampleLength >= 8 ? byWords : ""}
while ((c = bytes[q] ^ 0x30) <= 9) { m = m * 10 + c; q++; }
if (q === first) ${leave(Leave.kind)}
if (bytes[first] === 0x30 && q > first + 1) ${leave(Leave.number)}
let digits = q - first;
if (c === ${0x2e ^ 0x30}) {
const point = q++;
while ((c = bytes[q] ^ 0x30) <= 9) { m = m * 10 + c; q++; }
const decimals = q - point - 1;
digits += decimals;
if (decimals === 0 || digits > 15) ${leave(Leave.number)}
m /= powers[decimals];
}
if (digits > 15 || ((c ^ 0x30) | 0x20) === 0x65) ${leave(Leave.number)}
${setCode(n, Tag.number, "p", "q")}
x${n}[row] = isNegative ? -m : m;
p = q;`;
}
