/** Why generated code leaves a row to other shapes or to the scanner, or one value to the scanner; indexes of counters. */
export const Leave = {
  /** The document is null, or shorter than any of the shape. */
  length: 0,
  /** Other bytes between two values, or the document ends there. */
  literal: 1,
  /** A value that is not JSON. */
  value: 2,
  /** The shape ends before the document does, or behind it. */
  end: 3,
  /** One value: of another kind than the sample's. */
  kind: 4,
  /** One value: a string with an escape, or broken. */
  string: 5,
  /** One value: a number with an exponent or more digits than 15, or broken. */
  number: 6,
} as const;

/** Leaves the row. */
export function leaveRow(reason: number): string {
  return `{ left[${reason}]++; return row; }`;
}
