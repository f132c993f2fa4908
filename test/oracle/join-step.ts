import { type Counters, cellOf, type Entry } from "./reference-input.ts";
import { ALIASES, type Cell, type JoinSpec, type RecordSpec } from "./spec.ts";
import type { Wants } from "./wanted-rows.ts";

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

export interface JoinWish {
  /** How many relations the left side is made of. */
  readonly width: number;
  /** By how much rows of the left side may come late. */
  readonly waitsMs: number;
  /** Of the records of FROM, where the left side is made of nothing else. */
  readonly wantsLeft: Wants;
  readonly wantsRight: Wants;
}

/** Whether a row of a side takes part; rows of a join before do. */
export function isWanted(input: 0 | 1, sides: Sides, { width, wantsLeft, wantsRight }: JoinWish): boolean {
  const own = sides.at(-1) ?? null;
  if (own === null || (input === 0 && width > 1)) return true;
  return input === 0 ? wantsLeft(own) : wantsRight(own);
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
