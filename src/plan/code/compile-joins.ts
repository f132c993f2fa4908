import { must } from "../../assert.ts";
import type { FieldPath } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { type BoundJoinStep, type BoundRanking, type FieldRef, sidesOf } from "../../model/statement.ts";
import type { DataType } from "../../model/type.ts";
import type { StatementPlan } from "../pipeline-plan.ts";
import { type CompiledLoop, compileLoop, type WriteLate } from "./compile-loop.ts";
import { earlyConditions } from "./early-conditions.ts";
import { eventTimeKey, eventTimesCode } from "./event-time-code.ts";
import type { FunctionCache } from "./generated-function.ts";
import { helpers } from "./helpers.ts";
import { compileKeys, compilePairTest, type PairTest, type ReadKeys } from "./join-code.ts";
import { lateCode } from "./late-code.ts";
import { compileValues, type ReadValues } from "./over-code.ts";
import { type CompiledRunning, compileRunning } from "./running-code.ts";
import type { EventTimes } from "./task.ts";

/** What stands in front of a statement's loop: joins, and the stages that they join or that are read; each gives rows to one behind it. */
export interface CompiledJoins {
  /** By input. */
  readonly times: readonly EventTimes[];
  /** By input: what is said of a record without an event time. */
  readonly missingTime: readonly string[];
  /** By input: where its records go. */
  readonly inputs: readonly Port[];
  /** Each after those that give rows to it. */
  readonly operators: readonly CompiledOperator[];
  /** By operator: where its rows go; null: to the loop, as those of the last one do. */
  readonly nexts: readonly (Port | null)[];
  /** By input: writes a record that was late for what it is joined to; null: those are counted only. */
  readonly late: readonly (WriteLate | null)[];
  /** The generated text. */
  readonly source: string;
}

/** A side of an operator; what is no join has the first one only. */
export interface Port {
  readonly operator: number;
  readonly side: 0 | 1;
}

export type CompiledOperator = CompiledJoin | CompiledStage;

export type CompiledStage = CompiledGroups | CompiledRows | CompiledOver | CompiledRunning | CompiledPassing;

/** Records of one topic, as they are: all that stands in front of a loop whose log is merged of several partitions. */
export interface CompiledPassing {
  readonly kind: "passing";
}

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
export interface CompiledGroups extends CompiledRecords {
  readonly kind: "groups";
}

/** A filter and projection of rows that are joined, or of a table: its rows go where they are filtered away. */
export interface CompiledRows extends CompiledRecords {
  readonly kind: "rows";
}

/** A loop whose results are read as if they were records. */
interface CompiledRecords {
  readonly plan: StatementPlan;
  readonly compiled: CompiledLoop;
  /** What is read of its results: fields of the next stage, or of the statement. */
  readonly fields: readonly FieldPath[];
}

export interface CompiledJoin {
  readonly kind: "join";
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
  /** How many numbers tell where a row of it is from: `placesOf` what it is made of. */
  readonly inputs: number;
  readonly reads: "stream" | "table";
  readonly keys: ReadKeys;
}

export function compileJoins(reader: StatementPlan, cache: FunctionCache): CompiledJoins {
  const front = new Front(cache);
  front.rowsFor(reader);
  const ofInput = reader.late?.inputs ?? [];
  const late = ofInput.map((input) => (input === null ? null : cache.instantiate<WriteLate>(lateCode(input, "merged"), helpers)));
  const { times, missingTime, operators, inputs, nexts, texts } = front;
  return { times, missingTime, operators, inputs: inputs.map((port) => must(port)), nexts, late, source: texts.join("\n\n") };
}

/** Who gives rows: an input, or an operator. */
interface Giver {
  readonly of: "inputs" | "nexts";
  readonly index: number;
}

/** What stands in front of a loop while it is put together, each after what gives it its rows. */
class Front {
  readonly times: EventTimes[] = [];
  readonly missingTime: string[] = [];
  readonly operators: CompiledOperator[] = [];
  readonly inputs: (Port | null)[] = [];
  readonly nexts: (Port | null)[] = [];
  readonly texts: string[] = [];
  private readonly cache: FunctionCache;

  constructor(cache: FunctionCache) {
    this.cache = cache;
  }

  /** What a statement's loop, or that of a stage, is given. */
  rowsFor(plan: StatementPlan): Giver {
    let left = this.rowsOf(plan, 0);
    for (const step of plan.statement.joins.keys()) {
      const right = this.rowsOf(plan, step + 1);
      const { texts, ...join } = compileJoin(plan, step, this.cache);
      this.texts.push(...texts);
      left = this.add({ kind: "join", ...join }, left, right);
    }
    return left.of === "inputs" && plan.gathered !== undefined ? this.add({ kind: "passing" }, left) : left;
  }

  private rowsOf(plan: StatementPlan, side: number): Giver {
    const { stage } = must(plan.sides[side]);
    if (stage === null) return this.addInput(plan, side);
    const below = this.rowsFor(stage);
    const fields = plan.fields.filter((field) => (field.input ?? 0) === side);
    const { over } = stage.statement;
    if (over?.kind === "running") {
      const running = compileRunning(stage, over, fields, this.cache);
      this.texts.push(running.source);
      return this.add(running, below);
    }
    if (over === null) {
      const compiled = compileLoop(stage, this.cache, below.of === "nexts");
      this.texts.push(compiled.source);
      return this.add({ kind: stage.statement.aggregated ? "groups" : "rows", plan: stage, compiled, fields }, below);
    }
    const { added, given, looking } = compileOver(over, fields, this.cache);
    const rows = compileRunning(stage, { kind: "running", calls: [] }, given, this.cache);
    return this.add({ ...looking, added }, this.add(rows, below));
  }

  private addInput(plan: StatementPlan, side: number): Giver {
    const { statement, fields, sides } = plan;
    const { source } = must(sidesOf(statement)[side]);
    const read = { statement: { ...statement, source }, fields, columns: must(sides[side]).columns };
    this.times.push({ key: eventTimeKey(read), wallOf: null, fill: this.cache.instantiate(eventTimesCode(read), helpers) });
    const { eventTime, eventTimeExpr } = source;
    this.missingTime.push(missingTimeOf(eventTimeExpr?.text ?? (eventTime === null ? null : must(fields[eventTime]).text)));
    return { of: "inputs", index: this.inputs.push(null) - 1 };
  }

  private add(operator: CompiledOperator, left: Giver, right: Giver | null = null): Giver {
    const index = this.operators.push(operator) - 1;
    this.nexts.push(null);
    this[left.of][left.index] = { operator: index, side: 0 };
    if (right !== null) this[right.of][right.index] = { operator: index, side: 1 };
    return { of: "nexts", index };
  }
}

function compileJoin(plan: StatementPlan, index: number, cache: FunctionCache) {
  const { statement, fields, columns } = plan;
  const step = must(statement.joins[index]);
  const isTable = step.right.reads === "table";
  const isLeftTable = sidesOf(statement).every(({ source }, side) => side > index || source.reads === "table");
  const ofLeft = { ...sideOf(plan, index, "left"), reads: isLeftTable ? ("table" as const) : ("stream" as const) };
  const ofRight = { ...sideOf(plan, index, "right"), reads: step.right.reads };
  const makes = !isTable || isLeftTable;
  const compileSide = (side: "left" | "right", all: readonly number[], makesKeys: boolean) => {
    const wanted = earlyConditions(statement, index, side);
    return compileKeys({ key: step.keys.map((pair) => pair[side]), fields, columns: all, makes: makesKeys, wanted }, cache);
  };
  const [left, right] = [compileSide("left", ofLeft.all, makes), compileSide("right", ofRight.all, true)];
  const residual = step.residual === null ? null : compilePairTest(step.residual, fields, columns, cache);
  const own = step.leftKey === null ? null : compileKeys({ key: step.leftKey, fields, columns: ofLeft.all, makes: true }, cache);
  const texts = [left.source, right.source, ...(residual === null ? [] : [residual.source])];
  const sides = { left: { ...ofLeft, keys: left.read }, right: { ...ofRight, keys: right.read } };
  return { step, ...sides, leftKeys: own?.read ?? null, residual, texts };
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
  const { fields, sides, columns } = plan;
  const input = side === "left" ? 0 : step + 1;
  const isJoined = side === "left" && step > 0;
  const isOwn = (index: number): boolean => {
    const own = must(fields[index]).input ?? 0;
    return isJoined ? own <= step : own === input;
  };
  const all = isJoined ? columns : must(sides[input]).columns;
  const own = [...fields.keys()].filter(isOwn).sort((a, b) => must(columns[a]) - must(columns[b]));
  const inputs = (isJoined ? sides.slice(0, step + 1) : [must(sides[input])]).reduce((sum, { stage }) => sum + placesOf(stage), 0);
  return {
    all,
    columns: own.map((index) => must(all[index])),
    fields: own.map((index) => ({ root: must(fields[index]).root, path: must(fields[index]).path })),
    inputs,
  };
}

/** What tells a row of a side from others: the record's offset; or that of what made the result, and which of its results it is. */
export function placesOf(stage: StatementPlan["stage"]): 1 | 2 {
  return stage === null ? 1 : 2;
}

function missingTimeOf(text: string | null): string {
  if (text === null) return "the record's timestamp is no date";
  return `${text}: the event time is missing, is no time, or lies too far ahead of the record's timestamp`;
}
