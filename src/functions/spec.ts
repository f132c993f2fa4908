import type { ExactNumber } from "../model/exact-number.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { AggregateName } from "../model/statement.ts";
import type { DataType } from "../model/type.ts";

/** A scalar value at run time. Timestamps are milliseconds since 1970; an integer beyond ±(2^53 − 1) is a BigInt. */
export type Value = null | boolean | ExactNumber | string;

/**
 * What an argument must be. `text` takes any scalar: the analyzer casts it to STRING. Arguments marked `same` get one
 * common type, as the operands of `=` do. `any` takes whatever comes.
 */
export type ParameterType = "any" | "boolean" | "number" | "integer" | "string" | "text" | "timestamp" | "same";

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** May be left out; only at the end. */
  readonly optional?: true;
  /** May be given once or more; only at the end. */
  readonly repeated?: true;
  /** The only texts that a literal may be; other expressions are checked by `implement`. */
  readonly oneOf?: readonly string[];
}

export interface Example {
  readonly sql: string;
  readonly result: Value;
}

/** A function of one row. The table entry is the single source for analyzer, runtime, documentation and completion. */
export interface ScalarFunction {
  /** Canonical, lower case. */
  readonly name: string;
  readonly synonyms: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly result: DataType | ((argumentTypes: readonly DataType[]) => DataType);
  /** One sentence. */
  readonly doc: string;
  /** Run as tests, here and by DuckDB. */
  readonly examples: readonly Example[];
  /** Is called with nulls too; without it a null argument gives null and `implement` is not called. */
  readonly nullable?: true;
  /** Arguments after the first are evaluated only while the result is not settled: they may fail where it is. */
  readonly lazy?: true;
  /** Throws `RangeError` for a value outside its domain: the error of that row. null: `rewrite` says it all. */
  readonly implement: ((...args: never[]) => Value) | null;
  /** For what is another spelling of an operator: the analyzer puts this in place of the call. */
  readonly rewrite?: (args: readonly BoundExpr[], type: DataType) => BoundExpr;
}

/**
 * An aggregate as text for generated loops: a few float64 cells per group; `cell(i)` is the JavaScript place of cell i,
 * to be read and assigned.
 */
export interface Accumulator {
  /** What each cell of a new group holds. */
  readonly initial: readonly number[];
  /** A statement that takes one value in. Run for rows whose argument is not null; of `COUNT(*)` for every row. */
  readonly step: (cell: Cells, value: string) => string;
  /** Expressions: the result, and whether it is NULL (then `value` means nothing). */
  readonly finish: (cell: Cells) => { readonly value: string; readonly isNull: string };
  /** When there is no result that is right, and why. */
  readonly refuse?: (cell: Cells) => { readonly when: string; readonly why: string };
}

type Cells = (index: number) => string;

/** An aggregate function; its accumulator is that of doubles. */
export interface AggregateFunction extends Accumulator {
  readonly name: AggregateName;
  readonly synonyms: readonly string[];
  /** What the argument must be: `comparable` is a number, timestamp or date. */
  readonly parameter: "any" | "number" | "comparable";
  /** Whether `*` may stand for the argument. */
  readonly star: boolean;
  /** `argument` is null for `*`. */
  readonly result: (argument: DataType | null) => DataType;
  readonly doc: string;
  /** `values` is the column that the argument reads, in log order. */
  readonly examples: readonly { readonly values: readonly (number | null)[]; readonly result: number | null }[];
  /** The accumulators for arguments of other types, where they need one of their own. */
  readonly variants?: Partial<Readonly<Record<DataType["kind"], Accumulator>>>;
}
