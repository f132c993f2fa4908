/**
 * Where a row stands among those of its group: by its offset, or where they lie in several partitions by a text that has event time,
 * partition and offset in it. Texts are compared as texts, and never with offsets.
 */
export type Position = number | string;

/** Times before 1970 are to be written without a sign; sums stay exact. */
const TIME_BIAS = 8.7e15;

export function positionOf(timeMs: number, partition: number, offset: number): string {
  return `${padded(timeMs + TIME_BIAS, 16)} ${padded(partition, 7)} ${padded(offset, 16)}`;
}

export function comparePositions(left: Position, right: Position): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function padded(value: number, digits: number): string {
  return String(Math.floor(value)).padStart(digits, "0");
}
