import { must } from "../../assert.ts";
import type { FieldPath } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { type BoundJoinStep, type BoundRanking, type FieldRef, inputsOf } from "../../model/statement.ts";
import type { DataType } from "../../model/type.ts";
import type { StatementPlan } from "../pipeline-plan.ts";
import { type CompiledLoop, compileLoop, type WriteLate } from "./compile-loop.ts";
import { eventTimeKey, eventTimesCode } from "./event-time-code.ts";
import type { FunctionCache } from "./generated-function.ts";
import { helpers } from "./helpers.ts";
import { compileKeys, compilePairTest, type PairTest, type ReadKeys } from "./join-code.ts";
import { lateCode } from "./late-code.ts";
import { compileValues, type ReadValues } from "./over-code.ts";
import { type CompiledRunning, compileRunning } from "./running-code.ts";
import type { EventTimes } from "./task.ts";

/** What stands in front of a statement's loop: the joins of what reads topics, then stages, each of which reads the one before. */
export interface CompiledJoins {
  /** By input. */
  readonly times: readonly EventTimes[];
  /** By input: what is said of a record without an event time. */
  readonly missingTime: readonly string[];
  /** By JOIN. */
  readonly steps: readonly CompiledJoin[];
  readonly stages: readonly CompiledStage[];
  /** By input: writes a record that was late for what it is joined to; null: those are counted only. */
  readonly late: readonly (WriteLate | null)[];
  /** The generated text. */
  readonly source: string;
}

export type CompiledStage = CompiledGroups | CompiledOver | CompiledRunning;

/** Gives rows places, and keeps the first ones. */
export interface CompiledOver {
  readonly kind: "over";
  readonly over: BoundRanking;
  readonly keys: ReadKeys;
  /** Of ORDER BY. */
  readonly orders: ReadValues;
  readonly orderTypes: readonly DataType[];
  /** The columns of what is given that they are made of. */
  readonly orderColumns: readonly number[];
  /** What is read of its results. */
  readonly fields: readonly FieldPath[];
  /** By field: the column that it is in what is given; -1: it is added. */
  readonly columns: readonly number[];
  /** By field: which of the columns is added; -1: none. */
  readonly added: readonly number[];
}

/** An aggregate. */
export interface CompiledGroups {
  readonly kind: "groups";
  readonly plan: StatementPlan;
  readonly compiled: CompiledLoop;
  /** What is read of its results: fields of the next stage, or of the statement. */
  readonly fields: readonly FieldPath[];
}

export interface CompiledJoin {
  readonly step: BoundJoinStep;
  readonly left: CompiledSide;
  readonly right: CompiledSide;
  /** Of the left table's own key, where it is not by that that it is joined; else null. */
  readonly leftKeys: ReadKeys | null;
  readonly residual: PairTest | null;
}

export interface CompiledSide {
  /** Its columns: numbers in the batches that it is given. */
  readonly columns: readonly number[];
  readonly fields: readonly FieldPath[];
  /** How many inputs a row of it is made of. */
  readonly inputs: number;
  readonly reads: "stream" | "table";
  readonly keys: ReadKeys;
}

export function compileJoins(reader: StatementPlan, cache: FunctionCache): CompiledJoins {
  const { stages, plan } = compileStages(reader, cache);
  const { statement, fields, inputs } = plan;
  const sources = inputsOf(statement);
  const times = sources.map((source, input): EventTimes => {
    const read = { statement: { ...statement, source }, fields, columns: must(inputs[input]).columns };
    return { key: eventTimeKey(read), wallOf: null, fill: cache.instantiate(eventTimesCode(read), helpers) };
  });
  const missingTime = sources.map(({ eventTime, eventTimeExpr }) =>
    missingTimeOf(eventTimeExpr?.text ?? (eventTime === null ? null : must(fields[eventTime]).text)),
  );
  const texts = stages.flatMap((stage) =>
    stage.kind === "groups" ? [stage.compiled.source] : stage.kind === "running" ? [stage.source] : [],
  );
  const steps = statement.joins.map((step, index): CompiledJoin => {
    const isTable = step.right.reads === "table";
    const isLeftTable = sources.slice(0, index + 1).every(({ reads }) => reads === "table");
    const ofLeft = { ...sideOf(plan, index, "left"), reads: isLeftTable ? ("table" as const) : ("stream" as const) };
    const ofRight = { ...sideOf(plan, index, "right"), reads: step.right.reads };
    const left = compileKeys(
      { key: step.keys.map((pair) => pair.left), fields, columns: ofLeft.all, makes: !isTable || isLeftTable },
      cache,
    );
    const right = compileKeys({ key: step.keys.map((pair) => pair.right), fields, columns: ofRight.all, makes: true }, cache);
    const residual = step.residual === null ? null : compilePairTest(step.residual, fields, plan.columns, cache);
    const own = step.leftKey === null ? null : compileKeys({ key: step.leftKey, fields, columns: ofLeft.all, makes: true }, cache);
    texts.push(left.source, right.source, ...(residual === null ? [] : [residual.source]));
    return { step, left: { ...ofLeft, keys: left.read }, right: { ...ofRight, keys: right.read }, leftKeys: own?.read ?? null, residual };
  });
  const ofInput = reader.late?.inputs ?? [];
  const late = ofInput.map((input) => (input === null ? null : cache.instantiate<WriteLate>(lateCode(input, false), helpers)));
  return { times, missingTime, steps, stages, late, source: texts.join("\n\n") };
}

/** The stages in front of a statement, innermost first, and what of it reads topics. */
function compileStages(
  reader: StatementPlan,
  cache: FunctionCache,
): { readonly stages: readonly CompiledStage[]; readonly plan: StatementPlan } {
  if (reader.stage === null) return { stages: [], plan: reader };
  const { stages, plan } = compileStages(reader.stage, cache);
  const { over } = reader.stage.statement;
  if (over?.kind === "running") return { stages: [...stages, compileRunning(reader.stage, over, reader.fields, cache)], plan };
  if (over === null) {
    const isBehind = stages.length > 0 || plan.statement.joins.length > 0;
    const compiled = compileLoop(reader.stage, cache, isBehind);
    return { stages: [...stages, { kind: "groups", plan: reader.stage, compiled, fields: reader.fields }], plan };
  }
  const { added, given, looking } = compileOver(over, reader.fields, cache);
  const rows = compileRunning(reader.stage, { kind: "running", calls: [] }, given, cache);
  return { stages: [...stages, rows, { ...looking, added }], plan };
}

/** `given`: what it reads of the rows in front of it, of which `fields` are read with what is added. */
function compileOver(over: BoundRanking, fields: readonly FieldRef[], cache: FunctionCache) {
  const given: FieldRef[] = [];
  const columnOf = (field: FieldRef): number => {
    const known = given.findIndex(({ root, path }) => root === field.root && path.join("\0") === field.path.join("\0"));
    return known >= 0 ? known : given.push(field) - 1;
  };
  const addedAs = ({ root, path }: FieldPath): number =>
    root === "value" && path.length === 1 ? over.columns.findIndex(({ name }) => name === path[0]) : -1;
  const added = fields.map(addedAs);
  const columns = fields.map((field, index) => ((added[index] as number) >= 0 ? -1 : columnOf(field)));
  const own = over.fields.map(columnOf);
  const leaf = (index: number): BoundExpr => ({ kind: "field", type: must(over.fields[index]).type, index });
  const input = { fields: over.fields, columns: own };
  const { read: keys } = compileKeys({ ...input, key: over.partitionBy.map(leaf), makes: true, nullsEqual: true }, cache);
  const orderBy = over.orderBy.map(({ field }) => leaf(field));
  const { read: orders } = compileValues({ exprs: orderBy.map((expr) => ({ expr })), ...input }, cache);
  const orderTypes = orderBy.map(({ type }) => type);
  const orderColumns = over.orderBy.map(({ field }) => must(own[field]));
  return { added, given, looking: { kind: "over", over, keys, orders, orderTypes, orderColumns, fields, columns } as const };
}

/** Which columns a side has. `all`: of each of the statement's fields, those of others -1. The rows joined before have theirs in order. */
function sideOf(plan: StatementPlan, step: number, side: "left" | "right") {
  const { fields, inputs, columns } = plan;
  const input = side === "left" ? 0 : step + 1;
  const isJoined = side === "left" && step > 0;
  const isOwn = (index: number): boolean => {
    const own = must(fields[index]).input ?? 0;
    return isJoined ? own <= step : own === input;
  };
  const own = [...fields.keys()].filter(isOwn).sort((a, b) => must(columns[a]) - must(columns[b]));
  const all = isJoined ? columns : must(inputs[input]).columns;
  return {
    all,
    columns: own.map((index) => must(all[index])),
    fields: own.map((index) => ({ root: must(fields[index]).root, path: must(fields[index]).path })),
    inputs: isJoined ? step + 1 : 1,
  };
}

function missingTimeOf(text: string | null): string {
  if (text === null) return "the record's timestamp is no date";
  return `${text}: the event time is missing, is no time, or lies too far ahead of the record's timestamp`;
}
