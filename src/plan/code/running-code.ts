import { someNode } from "../../analyze/bound-tree.ts";
import { must } from "../../assert.ts";
import type { Collector } from "../../functions/collector.ts";
import { comparatorOf } from "../../functions/comparator.ts";
import { accumulatorOf, aggregateFunction, argumentsOf, collectorOf, isOfCells, objectAggregate } from "../../functions/registry.ts";
import { ROW_FUNCTIONS, slidingExtreme } from "../../functions/row-functions.ts";
import type { FieldPath } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { BoundAggregate, BoundFrame, BoundItem, BoundRunning, BoundRunningCall, FieldRef } from "../../model/statement.ts";
import type { DataType } from "../../model/type.ts";
import type { StatementPlan } from "../pipeline-plan.ts";
import { argumentRepr } from "./aggregate-code.ts";
import { cellCollector } from "./cell-collector.ts";
import type { FunctionCache } from "./generated-function.ts";
import { compileKeys, type ReadKeys } from "./join-code.ts";
import { compileValues, type ReadValues } from "./over-code.ts";
import { type Repr, reprOf } from "./repr.ts";

/** Filters and computes rows, and adds to each what it makes of those before it. */
export interface CompiledRunning {
  readonly kind: "running";
  /** Of rows that the filter takes. */
  readonly values: ReadValues;
  /** Of what OVER gives, once that is there; null: it is not computed with. */
  readonly behind: ReadValues | null;
  /** How many values of a row there are, those behind last. */
  readonly width: number;
  readonly filters: boolean;
  /** By what rows belong together; of each the calls that go by it. */
  readonly partitions: readonly RunningPartition[];
  /** What is read of the results. */
  readonly fields: readonly FieldPath[];
  readonly outputs: readonly RunningOutput[];
  readonly source: string;
}

export interface RunningPartition {
  readonly keys: ReadKeys;
  readonly keyParts: number;
  readonly calls: readonly RunningCall[];
}

export interface RunningCall {
  /** Index of `over`. */
  readonly index: number;
  readonly collector: Collector;
  /** Numbers of values. */
  readonly args: readonly number[];
  /** A value that has to be true; -1: none. */
  readonly filter: number;
  /** Rows are taken where an argument is NULL, too. */
  readonly nullable: boolean;
  readonly frame: BoundFrame | null;
  /** As written. */
  readonly text: string;
}

/** Where a field of the results comes from: a column of what is given, a value of the row, or the result of a call. */
export type RunningOutput =
  | { readonly from: "column"; readonly column: number }
  | ({ readonly from: "value"; readonly value: number } & Within)
  | ({ readonly from: "call"; readonly call: number } & Within);

/** A member of the value, at any depth; of no names: all of it. Its type. */
interface Within {
  readonly within: readonly string[];
  readonly type: DataType;
}

/** `fields`: what is read of its results. */
export function compileRunning(
  { statement, fields, columns }: StatementPlan,
  over: BoundRunning,
  read: readonly FieldRef[],
  cache: FunctionCache,
): CompiledRunning {
  const { where, items } = statement;
  const exprs: { readonly expr: BoundExpr; readonly want?: Repr | undefined }[] = [];
  const numberOf = (expr: BoundExpr, want?: Repr): number => exprs.push({ expr, want }) - 1;
  const behind: BoundExpr[] = [];
  const outputs = read.map((field) => outputOf(field, { items, fields, columns, behind }, numberOf));
  const partitions: { by: readonly BoundExpr[]; calls: RunningCall[] }[] = [];
  for (const [number, call] of over.calls.entries()) {
    const text = JSON.stringify(call.partitionBy);
    let partition = partitions.find(({ by }) => JSON.stringify(by) === text);
    if (partition === undefined) {
      partition = { by: call.partitionBy, calls: [] };
      partitions.push(partition);
    }
    partition.calls.push(callOf(number, call, numberOf, cache));
  }
  const values = compileValues({ fields, columns, exprs, where }, cache);
  const later = { fields, columns, exprs: behind.map((expr) => ({ expr })), first: exprs.length };
  const compiledBehind = behind.length === 0 ? null : compileValues(later, cache);
  const keys = partitions.map(({ by }) => compileKeys({ fields, columns, key: by, makes: true, nullsEqual: true }, cache));
  return {
    kind: "running",
    values: values.read,
    behind: compiledBehind?.read ?? null,
    width: exprs.length + behind.length,
    filters: where !== null,
    partitions: partitions.map(({ by, calls }, index) => ({ keys: must(keys[index]).read, keyParts: by.length, calls })),
    fields: read,
    outputs: outputs.map((output) =>
      output.from === "behind" ? { ...output, from: "value", value: exprs.length + output.value } : output,
    ),
    source: [values.source, ...(compiledBehind === null ? [] : [compiledBehind.source]), ...keys.map(({ source }) => source)].join("\n\n"),
  };
}

/** `behind`: the value is one of those that are computed with what OVER gives. */
type GivenOutput = RunningOutput | ({ readonly from: "behind"; readonly value: number } & Within);

interface Given extends Pick<StatementPlan, "fields" | "columns"> {
  readonly behind: BoundExpr[];
  readonly items: readonly BoundItem[];
}

/** A column that lies there already is given on as it is. */
function outputOf(field: FieldRef, { items, fields, columns, behind }: Given, numberOf: (expr: BoundExpr) => number): GivenOutput {
  const [name, ...within] = field.path;
  const columnOf = ({ root, path, input, lookup }: FieldPath & Pick<FieldRef, "input" | "lookup">): RunningOutput | null => {
    const isIt = (other: FieldRef): boolean => other.input === input && other.lookup === lookup && other.root === root;
    const index = fields.findIndex((other) => isIt(other) && other.path.join("\0") === path.join("\0"));
    return index < 0 ? null : { from: "column", column: must(columns[index]) };
  };
  if (field.root !== "value") return must(columnOf(field), field.text);
  const item = items.find((other) => other.kind === "column" && other.name === name);
  if (item?.kind !== "column") throw new Error(`assertion failed: nothing gives ${field.text}`);
  const { expr } = item;
  const type = within.length > 0 ? field.type : expr.type;
  if (expr.kind === "over") return { from: "call", call: expr.index, within, type };
  if (someNode(expr, ({ kind }) => kind === "over")) return { from: "behind", value: behind.push(expr) - 1, within, type };
  const given = expr.kind === "field" ? must(fields[expr.index]) : null;
  const lies = given === null ? null : columnOf({ ...given, path: [...given.path, ...within] });
  return lies ?? { from: "value", value: numberOf(expr), within, type };
}

function callOf(
  number: number,
  { call, aggregate, args, ignoresNulls, frame, text }: BoundRunningCall,
  numberOf: (expr: BoundExpr, want?: Repr) => number,
  cache: FunctionCache,
): RunningCall {
  const common = { index: number, frame, text };
  if (aggregate !== null) {
    return {
      ...common,
      collector: collectorFor(aggregate, cache),
      args: argumentsOf(aggregate).map((argument) => numberOf(argument, wantOf(argument, aggregate))),
      filter: aggregate.filter === null ? -1 : numberOf(aggregate.filter, "boolean"),
      nullable: objectAggregate(aggregate.name)?.nullable === true,
    };
  }
  const literals = args.map((arg) => (arg.kind === "literal" ? arg.value : undefined));
  const use = { ignoresNulls, retracts: frame !== null && frame.from !== null, literals };
  const collector = must(ROW_FUNCTIONS.get(call), call).collector(use);
  return { ...common, collector, args: args.map((arg) => numberOf(arg)), filter: -1, nullable: true };
}

function collectorFor(aggregate: BoundAggregate, cache: FunctionCache): Collector {
  const { name, argument, handling, distinct } = aggregate;
  if (handling === "retracted" && !distinct && argument !== null && (name === "min" || name === "max"))
    return slidingExtreme(name === "min" ? 1 : -1, comparatorOf(argument.type.kind === "any" ? NUMBER : argument.type));
  const cells = accumulatorOf(aggregate);
  return cells === null ? collectorOf(aggregate) : cellCollector(cells, cache);
}

const NUMBER: DataType = { kind: "double" };

/** As in the loop over groups. */
function wantOf(argument: BoundExpr, aggregate: BoundAggregate): Repr | undefined {
  if (isOfCells(aggregate) && argument === aggregate.argument) return argumentRepr(aggregate);
  return aggregateFunction(aggregate.name) !== null && reprOf(argument.type) === "any" ? "number" : undefined;
}
