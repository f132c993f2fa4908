/**
 * Where a row stands among those of its group: by its offset; where they lie in several partitions by a text that has event time,
 * partition and offset in it; where one offset may bring several rows, the later ones by a text that has the offset and their number.
 * Texts are compared as texts; an offset comes before the texts of its later rows.
 */
export type Position = number | string;

const OFFSET_DIGITS = 16;

/** Times before 1970 are to be written without a sign; sums stay exact. */
const TIME_BIAS = 8.7e15;

export function positionOf(timeMs: number, partition: number, offset: number): string {
  return `${padded(timeMs + TIME_BIAS, 16)} ${padded(partition, 7)} ${padded(offset, OFFSET_DIGITS)}`;
}

/** The row of that number, from 0, among those of one offset. */
export function placeOf(offset: number, ordinal: number): Position {
  return ordinal === 0 ? offset : `${padded(offset, OFFSET_DIGITS)} ${padded(ordinal, 10)}`;
}

export function comparePositions(left: Position, right: Position): number {
  if (typeof left === typeof right) return left < right ? -1 : left > right ? 1 : 0;
  return offsetOf(left) - offsetOf(right) || (typeof left === "number" ? -1 : 1);
}

function offsetOf(position: Position): number {
  return typeof position === "number" ? position : Number(position.slice(0, OFFSET_DIGITS));
}

function padded(value: number, digits: number): string {
  return String(Math.floor(value)).padStart(digits, "0");
}
