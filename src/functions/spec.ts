import type { BoundExpr } from "../model/expression.ts";
import type { DataType } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import type { CollectorForm } from "./collector.ts";

export type { Callable, Value } from "../model/value.ts";

/**
 * What an argument must be: a word, a type, or a pattern of types.
 * - `any` takes whatever comes, as it is.
 * - `number` takes any number and gets a double: DECIMAL is cast; an integer beyond 2^53 is the row's error.
 * - `numeric` takes any number and gets it as its type has it (see `Value`); a field of unknown type gives a double.
 * - `integer` gets a whole number below 2^53; `string`, `boolean` and `timestamp` what they say.
 * - `text` takes any scalar: the analyzer casts it to STRING.
 * - Arguments marked `same` get one common type, as the operands of `=` do.
 * - A type takes what is of it, or becomes it without loss (INT → BIGINT → DECIMAL → DOUBLE, DATE → TIMESTAMP, a text literal →
 *   a time), and fields of unknown type, which are cast: an argument that is no such value is the row's error.
 * - A pattern with variables, `ARRAY<T>`: all places of `T` in a signature get one common type, and arguments are cast to it.
 * - A lambda: see `LambdaPattern`.
 */
export type ParameterType =
  | "any"
  | "boolean"
  | "number"
  | "numeric"
  | "integer"
  | "string"
  | "text"
  | "timestamp"
  | "same"
  | TypePattern
  | LambdaPattern;

/** A type in which variables may stand for types. */
export type TypePattern =
  | DataType
  | TypeVariable
  | { readonly kind: "array"; readonly element: TypePattern }
  | { readonly kind: "map"; readonly value: TypePattern };

export interface TypeVariable {
  readonly kind: "variable";
  readonly name: "T" | "U" | "V";
}

/**
 * `x -> x * 2`: an argument of which `implement` gets a `Callable`. Its parameters get their types from the arguments before it;
 * what its body gives binds the variables of `result`. A variable that is bound already widens: `reduce(a, 0, (s, x) -> s + x)`
 * with `ARRAY<T>`, `U`, `(U, T) -> U` sums doubles too.
 */
export interface LambdaPattern {
  readonly kind: "lambda";
  readonly parameters: readonly TypePattern[];
  readonly result: TypePattern;
}

const variable = (name: TypeVariable["name"]): TypeVariable => ({ kind: "variable", name });

export const T = variable("T");
export const U = variable("U");
export const V = variable("V");

export const arrayOf = (element: TypePattern): TypePattern => ({ kind: "array", element });
export const mapOf = (value: TypePattern): TypePattern => ({ kind: "map", value });
export const lambda = (parameters: readonly TypePattern[], result: TypePattern): LambdaPattern => ({ kind: "lambda", parameters, result });

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** May be left out; only at the end. */
  readonly optional?: true;
  /** May be given once or more; only at the end. */
  readonly repeated?: true;
  /** The only texts that a literal may be; other expressions are checked by `implement`. */
  readonly oneOf?: readonly string[];
  /** Must be a literal: it is part of the function, not of the row. */
  readonly literal?: true;
  /** One of these may also stand there as a bare word: `timestampadd(DAY, 1, time)`. */
  readonly word?: true;
}

export interface Example {
  readonly sql: string;
  /** As it is written in JSON. */
  readonly result: Value;
  /** What gives the same in DuckDB, where that is not the same text; null: nothing does. */
  readonly duckdb?: string | null;
}

/** Of an aggregate, over records. */
export interface AggregateExample extends Example {
  /** What the fields of the records hold, in log order. */
  readonly rows: readonly Readonly<Record<string, Value>>[];
}

/** A function of one row. The table entry is the single source for analyzer, runtime, documentation and completion. */
export interface ScalarFunction {
  /** Canonical, lower case. */
  readonly name: string;
  readonly synonyms: readonly string[];
  readonly parameters: readonly Parameter[];
  /** A type, a pattern over the variables of the parameters, or what follows from the types of the arguments (of a lambda: its body's). */
  readonly result: TypePattern | ((argumentTypes: readonly DataType[]) => DataType);
  /** One sentence. */
  readonly doc: string;
  /** Where it means something else than in DuckDB or ksqlDB, and what. */
  readonly differs?: string;
  /** Run as tests, here and by DuckDB. */
  readonly examples: readonly Example[];
  /** Is called with nulls too; without it a null argument gives null and `implement` is not called. */
  readonly nullable?: true;
  /** Arguments after the first are evaluated only while the result is not settled: they may fail where it is. */
  readonly lazy?: true;
  /** Throws `RangeError` for a value outside its domain: the error of that row. null: `rewrite` says it all. */
  readonly implement: ((...args: never[]) => Value) | null;
  /** In place of `implement` where it must know the types: called once when the statement is compiled. */
  readonly specialize?: (argumentTypes: readonly DataType[], result: DataType) => (...args: never[]) => Value;
  /** The function that is meant where the first argument is a MAP. */
  readonly ofMap?: string;
  /** Of a function of the project: a digest of its code, of which another one may give something else. */
  readonly version?: string;
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
  /** A statement that takes in the cells of a group's further rows: those that came after it. */
  readonly merge: (cell: Cells, other: Cells) => string;
  /** A statement that takes one value back as if it had never come; left out: cells do not tell (`registry.ts` has a collector then). */
  readonly retract?: (cell: Cells, value: string) => string;
  /** Expressions: the result, and whether it is NULL (then `value` means nothing). */
  readonly finish: (cell: Cells) => { readonly value: string; readonly isNull: string };
  /** When there is no result that is right, and why. */
  readonly refuse?: (cell: Cells) => { readonly when: string; readonly why: string };
}

export type Cells = (index: number) => string;

/** An aggregate function; its accumulator is that of doubles. */
export interface AggregateFunction extends Accumulator {
  readonly name: string;
  readonly synonyms: readonly string[];
  /** What the argument must be: `comparable` is a number, timestamp, date or time. */
  readonly parameter: "any" | "number" | "comparable";
  /** Whether `*` may stand for the argument. */
  readonly star: boolean;
  /** `argument` is null for `*`. */
  readonly result: (argument: DataType | null) => DataType;
  readonly doc: string;
  readonly differs?: string;
  readonly examples: readonly AggregateExample[];
  /** The collector in place of an accumulator that does not retract; left out: that of the exact form has one. */
  readonly retracting?: CollectorForm;
  /** The accumulators for arguments of other types, where they need one of their own. */
  readonly variants?: Partial<Readonly<Record<DataType["kind"], Accumulator>>>;
}
