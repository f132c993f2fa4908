import { must } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { type BoundIdentity, type BoundStatement, readsTable } from "../../model/statement.ts";
import { AGGREGATE_TAIL, aggregateHead, aggregateRowCode } from "./aggregate-code.ts";
import { valueOrNull } from "./code.ts";
import { CodeWriter, literalCode } from "./code-writer.ts";
import { type EventTimeInput, missingTimeCode, needsEventTimes } from "./event-time-code.ts";
import { expressionCode } from "./expression-code.ts";
import type { GeneratedFunction } from "./generated-function.ts";
import { isBehind } from "./is-behind.ts";
import { declareColumns, keyTextCode, membersCode, objectCode, recordKeyCode, starCode } from "./output-code.ts";
import { recordTimeCode } from "./record-time-code.ts";
import { RowScope } from "./row-scope.ts";
import { goneCode, tableHead, tableRowCode } from "./table-code.ts";
import { targetCode } from "./target-code.ts";
import { type EventTimes, Flag } from "./task.ts";
import { elementConditionCode, elementsCode, recordConditionCode } from "./unnest-code.ts";
import { notTrueCode, whereCode } from "./where-code.ts";

export interface RowCodeInput extends EventTimeInput {
  /** Index into `fields` of the whole document, where the statement selects `*`. */
  readonly star: number | null;
  /** Identity made of the record key alone: what a tombstone deletes. null: a tombstone is an error. */
  readonly keyIdentity: BoundIdentity | null;
}

/**
 * The statement as one loop over a column batch: `(batch, from, to, task) => row`, the row it stopped before.
 * Everything that can fail in a row is computed before any state is touched by it (`runtime.md` §5).
 */
export function rowCode(input: RowCodeInput, eventTimes: EventTimes): GeneratedFunction {
  const body = new CodeWriter();
  const scope = new RowScope(body, input.fields, input.columns);
  scope.tellsRecords = true;
  const { statement } = input;
  const timed = needsEventTimes(statement);
  body.block("rows: for (; row < to; row++)", () => {
    body.block(timed ? "if (!sound && (flags[row] > 1 || times[row] !== times[row]))" : "if (!sound && flags[row] > 1)", () =>
      extraordinaryRowCode(input, scope, timed),
    );
    if (statement.aggregated && readsTable(statement)) tableRowCode(statement, scope);
    else if (statement.aggregated) aggregateRowCode(statement, scope);
    else projectRowCode(input, scope, timed ? "times[row]" : "timestamps[row]");
  });
  const head = new CodeWriter();
  head.line("const { slices } = batch, { bytes, offsets } = slices, timestamps = slices.timestampsMs;");
  head.line("const { versions, marks, out } = task, { flags } = marks, w = out.writer;");
  head.line("let row = from, applied = 0, filtered = 0;");
  if (timed) head.line("const column = marks.timesOf(eventTimes), { times } = column;");
  head.line(`const sound = marks.isSound${timed ? " && column.isSound" : ""};`);
  if (statement.aggregated) for (const line of readsTable(statement) ? tableHead(statement) : aggregateHead(statement)) head.line(line);
  declareColumns(head, scope.usedColumns);
  for (const constant of scope.constants) head.line(constant);
  const tail = new CodeWriter();
  tail.line("task.applied += applied; task.filtered += filtered;");
  if (statement.aggregated) for (const line of AGGREGATE_TAIL) tail.line(line);
  tail.line("return row;");
  const statics = [...scope.statics, { name: "eventTimes", value: eventTimes, text: eventTimes.key }];
  return { parameters: "batch, from, to, task", body: `${head}\n${body}\n${tail}`, statics };
}

/** A row that is flagged, or has no event time. It goes no further. */
function extraordinaryRowCode(input: RowCodeInput, scope: RowScope, timed: boolean): void {
  const { writer } = scope;
  const { keyIdentity, statement } = input;
  if (keyIdentity !== null) writer.block(`if (flags[row] === ${Flag.tombstone})`, () => deleteCode(keyIdentity, statement, scope));
  if (statement.aggregated && readsTable(statement)) goneCode(statement, scope);
  writer.line(`if (flags[row] > ${Flag.ahead}) { if (task.flaggedRow(row)) break; continue; }`);
  if (timed) missingTimeCode(input, scope);
}

/** Deletes what the record key says, and leaves the row. */
function deleteCode(identity: BoundIdentity, statement: BoundStatement, scope: RowScope): void {
  const { writer } = scope;
  const columns = identity.kind === "columns" ? identity.columns : [];
  scope.undo = "out.discard(); ";
  const target = targetCode(statement, "timestamps[row]", scope);
  objectCode(columns, scope);
  writer.line("out.beginId();");
  keyTextCode(columns, scope);
  if (statement.recordKey === null && readsTable(statement)) sourceKeyCode(scope);
  else deletedKeyCode(columns, statement, scope);
  writer.line(`out.addDelete(versions[row], timestamps[row], offsets[row], 0, ${target});`);
  writer.line(`applied++; ${FULL} continue;`);
  scope.undo = "";
}

const FULL = `if (out.count >= ${LIMITS.barrierChangesMax} || out.byteLength >= ${LIMITS.barrierBytesMax}) { row++; break; }`;

function projectRowCode(input: RowCodeInput, scope: RowScope, eventTime: string): void {
  const { statement } = input;
  const { writer } = scope;
  if (statement.unnests.length > 0) {
    projectElementsCode(input, scope, eventTime);
    return;
  }
  const { keyIdentity } = input;
  if (keyIdentity !== null && readsTable(statement)) notTrueCode(statement, scope, () => deleteCode(keyIdentity, statement, scope));
  else whereCode(statement, scope, "", "to");
  scope.undo = "out.discard(); ";
  changeCode(input, scope, eventTime, "0");
  writer.line(`applied++; ${FULL}`);
  scope.undo = "";
}

/** The rows of a record are one unit: it is applied with all of them, or fails with none, and no barrier comes between them. */
function projectElementsCode(input: RowCodeInput, scope: RowScope, eventTime: string): void {
  const { statement } = input;
  const { writer } = scope;
  recordConditionCode(statement, scope, "", "to");
  writer.line("const made = out.count;");
  writer.line("const bytesBefore = out.byteLength;");
  scope.undo = "out.discardFrom(made); ";
  elementsCode(statement, scope, (ordinal) => {
    elementConditionCode(statement, scope);
    changeCode(input, scope, eventTime, ordinal);
    const tooLarge = literalCode(`rows of one record have more than ${LIMITS.elementRowBytesMax} bytes (elementRowBytesMax)`);
    writer.line(`if (out.byteLength - bytesBefore > ${LIMITS.elementRowBytesMax}) ${scope.fail(tooLarge)}`);
  });
  writer.line("if (out.count === made) { filtered++; continue; }");
  writer.line(`applied++; ${FULL}`);
  scope.undo = "";
}

/** `ordinal`: of the row among those of its record. */
function changeCode(input: RowCodeInput, scope: RowScope, eventTime: string, ordinal: string): void {
  const { statement, star } = input;
  const target = targetCode(statement, eventTime, scope);
  const time = statement.recordTime === null ? eventTime : recordTimeCode(statement.recordTime, scope);
  const { items } = statement;
  const columns = items.filter((item) => item.kind === "column");
  const whole = items.find((item) => item.kind === "star");
  if (items.some((item) => item.kind === "members")) membersCode(star, items, scope);
  else if (star === null) objectCode(columns, scope);
  else starCode(star, whole?.without ?? [], columns, scope);
  identityCode(statement, scope, ordinal);
  const number = isBehind(statement) ? "task.ordinalOf(offsets[row])" : ordinal;
  scope.writer.line(`out.addUpsert(versions[row], ${time}, offsets[row], ${number}, ${target});`);
}

/** Writes id and record key; where the statement names no key, that of the record. */
function identityCode(statement: BoundStatement, scope: RowScope, ordinal: string): void {
  const { writer } = scope;
  const { recordKey, identity } = statement;
  writer.line("out.beginId();");
  if (identity.kind === "columns") keyTextCode(identity.columns, scope);
  else {
    const place = isBehind(statement) ? "task.writeId(row, w);" : "w.utf8(task.idBefore); w.number(offsets[row]);";
    const element = statement.unnests.length === 0 ? "" : ` w.ascii("-"); w.number(${ordinal});`;
    writer.line(`${place}${element} w.utf8(task.idAfter);`);
  }
  if (recordKey === null) sourceKeyCode(scope);
  else if (!statement.recordKeyMayBeNull) recordKeyCode(recordKey, statement, scope);
  else {
    const values = recordKey.map((expr) => `${valueOrNull(expressionCode(expr, scope))} !== null`);
    writer.block(`if (${values.join(" && ")})`, () => recordKeyCode(recordKey, statement, scope));
  }
}

/** The key that the record has. */
function sourceKeyCode({ writer }: RowScope): void {
  writer.line("if (slices.keyStarts[row] >= 0) { out.beginKey(); w.bytes(slices.bytes, slices.keyStarts[row], slices.keyEnds[row]); }");
}

/** The record key of a row that goes: its id, in the target's layout where there is one. */
function deletedKeyCode(
  columns: readonly { readonly name: string; readonly expr: BoundExpr }[],
  statement: BoundStatement,
  scope: RowScope,
): void {
  const { key } = statement.targetOptions.layout;
  const parts = key?.columns.map(({ name }, index) => must(columns.find((column) => column.name === name) ?? columns[index]).expr);
  if (parts === undefined) scope.writer.line("out.useIdAsKey();");
  else recordKeyCode(parts, statement, scope);
}
