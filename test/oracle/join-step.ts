import { type Counters, cellOf, type Entry } from "./reference-input.ts";
import { ALIASES, type Cell, type JoinSpec, type RecordSpec } from "./spec.ts";

/** By relation, as far as they are joined; null: there is nothing of it. */
export type Sides = readonly (Entry | null)[];

/** One JOIN of a chain: rows come in, of its left side from the one before, and go on to the next. */
export interface JoinStep {
  left(sides: Sides, timeMs: number, streamMs: number): void;
  right(entry: Entry, timeMs: number): void;
  /** Stream time of the rows before it has come so far. */
  advance(streamMs: number): void;
}

/** Where records are counted that one side takes; null: its rows are no records. */
export interface StepCounters {
  readonly ofLeft: Counters | null;
  readonly ofRight: Counters;
  /** The records that came too late. */
  readonly late: RecordSpec[];
}

export function keyOf(entry: Entry | null | undefined, column: string): Cell {
  if (entry === null || entry === undefined) return null;
  const cell = cellOf(entry, column);
  return typeof cell === "object" ? null : cell;
}

/** Of the left side of a join, which may be made of several relations. */
export function leftKeyOf(sides: Sides, { on }: JoinSpec): Cell {
  return keyOf(sides[ALIASES.indexOf(on.of ?? "l")], on.left);
}
