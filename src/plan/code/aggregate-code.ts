import { must } from "../../assert.ts";
import { accumulatorOf, isOfCells, objectAggregate } from "../../functions/registry.ts";
import { LIMITS } from "../../limits.ts";
import { Tag } from "../../model/column-batch.ts";
import type { BoundStatement } from "../../model/statement.ts";
import { isPerGroup, overlapOf } from "../../model/window.ts";
import type { Code } from "./code.ts";
import { deletesGone } from "./deletes-gone.ts";
import { expressionCode } from "./expression-code.ts";
import { cellOffsetsOf, strideOf } from "./group-scope.ts";
import { isBehind } from "./is-behind.ts";
import { keyValueCode, writeKeyCode } from "./key-value-code.ts";
import { type ObjectArguments, objectArgumentsCode, objectStepCode } from "./object-aggregate-code.ts";
import { type Repr, reprOf } from "./repr.ts";
import type { RowScope } from "./row-scope.ts";
import { Cell } from "./task.ts";
import { elementConditionCode, elementsCode, recordConditionCode } from "./unnest-code.ts";
import { whereCode } from "./where-code.ts";

/** Before the loop over rows. `closing`: the row whose event time closes a window, `to` where none does. */
export function aggregateHead({ window }: BoundStatement): readonly string[] {
  return [
    "const { state, keyWriter } = task, keys = state.keys, { latest } = column, streamTime = task.streamTimeMs;",
    ...(isPerGroup(window) ? ["state.begin();"] : []),
    `let slot = ${isPerGroup(window) ? "state.slot" : "null"}, slotStart = Infinity, slotEnd = -Infinity, nextClose = state.nextCloseMs;`,
    "let closing = h.rowReaching(latest, row, to, nextClose);",
  ];
}

/** After it: the rows before `row` have moved stream time, whether they were taken or not. */
export const AGGREGATE_TAIL = ["if (row > from && latest[row - 1] > streamTime) task.streamTimeMs = latest[row - 1];"];

/** Keys may go with the windows: what was looked up before is looked up anew. Those of sessions stay until the loop begins again. */
const closeCode = (lookUp: string | null): string =>
  [
    "{ if (task.closeWindows(Math.max(streamTime, latest[row]), row)) break rows;",
    "slotStart = Infinity; slotEnd = -Infinity; nextClose = state.nextCloseMs; closing = h.rowReaching(latest, row + 1, to, nextClose);",
    lookUp === null ? "}" : `if (known !== null) ${lookUp}; }`,
  ].join(" ");

/** Rows of the same window follow each other, so its bounds are kept; what is not in it is looked for. */
const FIND_SLOT = [
  "slot = state.slotAt(time, Math.max(streamTime, latest[row]));",
  "if (slot === null) { if (task.lateRow(row, time)) break rows; slotStart = Infinity; slotEnd = -Infinity; continue; }",
  "slotStart = slot.startMs; slotEnd = slot.endMs;",
  "if (state.nextCloseMs !== nextClose) { nextClose = state.nextCloseMs; closing = h.rowReaching(latest, row + 1, to, nextClose); }",
];

/** Where each group has windows of its own, what is late is known once its key is. */
const FIND_GROUP = [
  "const group = state.groupAt(keyId, time, Math.max(streamTime, latest[row]), versions[row], offsets[row]);",
  "if (state.nextCloseMs !== nextClose) { nextClose = state.nextCloseMs; closing = h.rowReaching(latest, row + 1, to, nextClose); }",
];

/**
 * One row into the state. Everything that can fail comes first. Windows close before the row that closes them is taken,
 * and before it is skipped; where it stops the statement, they stay open.
 */
export function aggregateRowCode(statement: BoundStatement, scope: RowScope): void {
  const { writer } = scope;
  if (statement.unnests.length > 0) {
    aggregateElementsCode(statement, scope);
    return;
  }
  const lookUp = lookUpCode(statement, scope);
  if (lookUp !== null) scope.constants.push(`const known = ${lookUp.needed} ? ${lookUp.code} : null;`);
  const advance = `if (row === closing) ${closeCode(statement.window?.kind === "session" ? null : (lookUp?.code ?? null))}`;
  scope.skipped = statement.settings.errorPolicy === "noop" ? `${advance} ` : "";
  whereCode(statement, scope, advance, "closing");
  const group = groupValuesCode(statement, scope);
  const values = argumentsCode(statement, scope);
  const objects = objectsCode(statement, scope);
  scope.skipped = "";
  writer.line(advance);
  slotCode(statement, scope);
  internCode(statement, scope, group, lookUp !== null);
  groupCode(statement, scope, "if (task.lateRow(row, time)) break rows; continue;", "applied++; continue;");
  accumulateCode(statement, scope, values);
  for (const [place, given] of objects.entries()) writer.line(objectStepCode(place, given));
  filledCode(statement, scope);
  writer.line("applied++;");
  writer.line(`if (${isBarrierFullCode(statement)}) { row++; break; }`);
}

/**
 * Every element of a record into the state: first all that can fail is computed of all of them, then it is computed again
 * and taken. No barrier comes between the elements of a record.
 */
function aggregateElementsCode(statement: BoundStatement, scope: RowScope): void {
  const { writer } = scope;
  const advance = `if (row === closing) ${closeCode(null)}`;
  scope.skipped = statement.settings.errorPolicy === "noop" ? `${advance} ` : "";
  recordConditionCode(statement, scope, advance, "closing");
  writer.line("let taken = 0, full = false;");
  elementsCode(statement, scope, () => {
    elementConditionCode(statement, scope);
    groupValuesCode(statement, scope);
    argumentsCode(statement, scope);
    objectsCode(statement, scope);
    writer.line("taken++;");
  });
  scope.skipped = "";
  writer.line(advance);
  writer.line("if (taken === 0) { filtered++; continue; }");
  const perGroup = isPerGroup(statement.window);
  if (perGroup) writer.line("let placed = 0;");
  slotCode(statement, scope);
  elementsCode(statement, scope, () => {
    elementConditionCode(statement, scope);
    const group = groupValuesCode(statement, scope);
    const values = argumentsCode(statement, scope);
    const objects = objectsCode(statement, scope);
    internCode(statement, scope, group, false);
    groupCode(statement, scope, "continue;", "continue;");
    if (perGroup) writer.line("placed++;");
    accumulateCode(statement, scope, values);
    for (const [place, given] of objects.entries()) writer.line(objectStepCode(place, given));
    filledCode(statement, scope);
    writer.line(`if (${isBarrierFullCode(statement)}) full = true;`);
  });
  writer.line(perGroup ? "if (placed > 0) applied++; else if (task.lateRow(row, time)) break rows;" : "applied++;");
  writer.line("if (full) { row++; break; }");
}

/** `slot`: the window of the row. */
function slotCode(statement: BoundStatement, { writer }: RowScope): void {
  writer.line("const time = times[row];");
  if (isPerGroup(statement.window)) return;
  if (statement.window === null) writer.line("if (slot === null) slot = state.slotAt(time, -Infinity);");
  else {
    writer.block("if (!(time >= slotStart && time < slotEnd))", () => {
      for (const line of FIND_SLOT) writer.line(line);
    });
  }
}

/** The result of a window that is full leaves at once. */
function filledCode({ window }: BoundStatement, { writer }: RowScope): void {
  if (window?.kind === "count") writer.line("if (state.filled >= 0 && task.windowFilled(row)) break rows;");
}

/** Marks the group. Of a session that was marked before, ids may have gone that count as well. */
function isBarrierFullCode(statement: BoundStatement): string {
  const max = dirtyGroupsMax(statement);
  const isMarked = `slot.dirtyFlags[group] === 0 && slot.markDirty(group) >= ${max}`;
  if (statement.window?.kind === "count") {
    return `(${isMarked}) || out.count >= ${LIMITS.barrierChangesMax} || out.byteLength >= ${LIMITS.barrierBytesMax}`;
  }
  if (!deletesGone(statement)) return isMarked;
  return `(slot.dirtyFlags[group] === 0 ? slot.markDirty(group) : state.dirtyGroups) >= ${max}`;
}

/** Records that may change between two barriers: each is a change of each of its windows there, or only a part of the state's delta. */
export function dirtyGroupsMax({ emit, emitEveryMs, window }: BoundStatement): number {
  if (emit === "final" || emitEveryMs !== null) return LIMITS.deltaGroupsMax;
  return Math.max(1, Math.floor(LIMITS.barrierChangesMax / overlapOf(window)));
}

/** Aggregates of the same argument compute it once. */
export function argumentsCode(statement: BoundStatement, scope: RowScope): readonly (Code | null)[] {
  const known = new Map<string, Code>();
  return statement.aggregates.map((aggregate) => {
    if (aggregate.argument === null || !isOfCells(aggregate)) return null;
    const repr = argumentRepr(aggregate);
    const key = JSON.stringify([aggregate.argument, repr]);
    const code = known.get(key) ?? expressionCode(aggregate.argument, scope, repr);
    known.set(key, code);
    return code;
  });
}

/** Of the aggregates whose states are objects, in their order. */
export function objectsCode(statement: BoundStatement, scope: RowScope): readonly ObjectArguments[] {
  const isGiven = isBehind(statement);
  return statement.aggregates
    .filter((aggregate) => !isOfCells(aggregate))
    .map((aggregate) => objectArgumentsCode(aggregate, objectAggregate(aggregate.name)?.nullable === true, isGiven, scope));
}

/** COUNT(x) takes any value, the others numbers (timestamps and dates are numbers here); a mean is one of doubles. */
export function argumentRepr({ name, argument }: BoundStatement["aggregates"][number]): Repr {
  const own = reprOf(must(argument).type);
  return name === "count" || (own === "exact" && name !== "avg") ? own : "number";
}

/**
 * The grouping values, as JavaScript expressions (null for NULL). A plain string field without escapes is looked up where
 * it lies, and not decoded here.
 */
export function groupValuesCode(statement: BoundStatement, scope: RowScope): readonly string[] {
  const { writer } = scope;
  const lies = plainGroupField(statement);
  return statement.groupBy.map((expr) => {
    const value = writer.fresh("g");
    writer.line(`let ${value} = null;`);
    const compute = (): void => keyValueCode(expr, value, "grouped", scope);
    if (lies === null) compute();
    else writer.block(`if (${scope.column(lies).t}[row] !== ${Tag.string})`, compute);
    return value;
  });
}

/** The field by which the statement groups, if it is one field and may hold strings. */
export function plainGroupField(statement: BoundStatement): number | null {
  const [only] = statement.groupBy;
  if (statement.groupBy.length !== 1 || only?.kind !== "field") return null;
  return only.type.kind === "any" || only.type.kind === "string" ? only.index : null;
}

/** Looks up the keys of all rows at once, where most are needed and no dictionary knows them. */
function lookUpCode(statement: BoundStatement, scope: RowScope): { readonly needed: string; readonly code: string } | null {
  const lies = plainGroupField(statement);
  if (lies === null || statement.where !== null) return null;
  const { t, b, s, e, i } = scope.column(lies);
  return { needed: `${i} === null`, code: `state.lookUp(${b}, ${t}, ${s}, ${e}, row, to)` };
}

/** `keyId`: of the group's canonical JSON text. */
export function internCode(statement: BoundStatement, scope: RowScope, values: readonly string[], isLookedUp: boolean): void {
  const { writer } = scope;
  const general = (): void => {
    writeKeyCode(values, writer);
    writer.line("keyId = keys.intern(keyWriter.view(), 0, keyWriter.length);");
  };
  const lies = plainGroupField(statement);
  if (lies === null) {
    writer.line("let keyId;");
    general();
    return;
  }
  const { t, b, s, e, i, d } = scope.column(lies);
  const keyIds = scope.constant(`keys.idsBy(${d})`);
  writer.line(`const stringId = ${i} === null ? -1 : ${i}[row];`);
  const otherwise = isLookedUp ? "known !== null ? known[row] : -1" : "-1";
  writer.line(`let keyId = stringId >= 0 ? ${keyIds}[stringId] : ${otherwise};`);
  writer.block("if (keyId < 0)", () => {
    writer.line(`if (${t}[row] === ${Tag.string}) keyId = keys.intern(${b}, ${s}[row] - 1, ${e}[row] + 1);`);
    writer.block("else", general);
    writer.line(`if (stringId >= 0) ${keyIds}[stringId] = keyId;`);
  });
}

/** `group`: the row's. `late`, `known`: what becomes of a row that comes too late, and of one that a DISTINCT has already. */
function groupCode({ window, distinct }: BoundStatement, { writer }: RowScope, late: string, known: string): void {
  if (isPerGroup(window)) {
    for (const line of FIND_GROUP) writer.line(line);
    writer.line(`if (group < 0) { ${late} }`);
    return;
  }
  if (distinct) writer.line("const groups = slot.count;");
  writer.line("const group = slot.groupOf(keyId);");
  if (distinct) writer.line(`if (slot.count === groups) { ${known} }`);
}

/** Whether the argument is null, as text. */
export function nullTest(aggregate: BoundStatement["aggregates"][number], { value, isNull }: Code): string {
  if (aggregate.argument === null || argumentRepr(aggregate) !== "any") return isNull;
  return isNull === "false" ? `${value} === null` : `${isNull} || ${value} === null`;
}

export function accumulateCode(statement: BoundStatement, scope: RowScope, values: readonly (Code | null)[]): void {
  const { writer } = scope;
  const offsets = cellOffsetsOf(statement.aggregates);
  writer.line(`const cells = slot.cells, at = group * ${strideOf(statement.aggregates)};`);
  writer.line(`cells[at + ${Cell.version}] = versions[row]; cells[at + ${Cell.offset}] = offsets[row]; cells[at + ${Cell.time}] = time;`);
  statement.aggregates.forEach((aggregate, index) => {
    const spec = accumulatorOf(aggregate);
    if (spec === null) return;
    const value = values[index] ?? null;
    const step = spec.step((cell) => `cells[at + ${(offsets[index] as number) + cell}]`, value === null ? "0" : value.value);
    if (value === null) {
      writer.line(step);
      return;
    }
    const isNull = nullTest(aggregate, value);
    if (isNull === "false") writer.line(step);
    else if (isNull !== "true") writer.line(`if (!(${isNull})) { ${step} }`);
  });
}
