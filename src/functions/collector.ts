import type { DataType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import type { AggregateExample, Parameter, TypePattern } from "./spec.ts";

/**
 * How an aggregate whose state is an object is computed: lists, sketches, extremes of texts. One for each use in a statement, its states
 * one for each group. `S` is what it likes, and mutable.
 */
export interface Collector<S = unknown> {
  /** The offset of the row follows the arguments. */
  readonly positioned?: true;
  create(): S;
  /** About how many bytes a new state takes, where that is more than a few. */
  readonly stateBytes?: number;
  /**
   * Takes one row in; gives about how many bytes the state has grown by. Throws RangeError where there will be no result that is right,
   * say for a bound: the group's state is dropped, and its result refused with that message.
   */
  add(state: S, ...values: readonly Value[]): number;
  /**
   * Takes in what another state has, which goes on by itself afterwards and shares nothing with this one; gives the bytes and throws as
   * `add` does. Left out: the result rests on the order in which rows come.
   */
  merge?(state: S, other: S): number;
  /** Takes a row back as if it had never come, and gives the growth in bytes, which is negative. Left out: the state does not tell. */
  retract?(state: S, ...values: readonly Value[]): number;
  /** Of a group without rows, too. Throws RangeError where there is no result. */
  result(state: S): Value;
  /** The state as a value that is kept, and back. */
  save(state: S): Value;
  load(kept: Value): S;
}

/** An aggregate function with a state of its own kind. The table entry is the single source, as of scalar functions. */
export interface ObjectAggregate {
  /** Canonical, lower case. */
  readonly name: string;
  readonly synonyms: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly result: TypePattern | ((argumentTypes: readonly DataType[]) => DataType);
  /** One sentence. */
  readonly doc: string;
  readonly differs?: string;
  readonly examples: readonly AggregateExample[];
  /** Rows are taken also where an argument is null; without it they are left out. */
  readonly nullable?: true;
  /** The event time of the row follows the arguments, and its offset breaks ties. */
  readonly timed?: true;
  /** Of a function of the project: a digest of its code, of which another one may give something else. */
  readonly version?: string;
  /** Called once when the statement is compiled. Literals are given, other arguments are undefined. */
  readonly collector: CollectorForm;
  /** Its form where states are merged, if its collector does not merge. Left out as well: all rows are kept. */
  readonly merging?: CollectorForm;
  /** Its form where rows are taken back, if its collector does not retract. Left out as well: all rows are kept. */
  readonly retracting?: CollectorForm;
}

export type CollectorForm = (types: readonly DataType[], literals: readonly (Value | undefined)[], result: DataType) => Collector;

/** For a state that is a value already: it is kept as it is. */
export function plain<S extends Value>(collector: Omit<Collector<S>, "save" | "load">): Collector<S> {
  return { ...collector, save: (state) => state, load: (kept) => kept as S };
}
