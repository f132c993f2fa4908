import { must } from "../../assert.ts";
import { aggregateFunction } from "../../functions/registry.ts";
import { LIMITS } from "../../limits.ts";
import { Tag } from "../../model/column-batch.ts";
import type { BoundStatement, FieldRef } from "../../model/statement.ts";
import { TIMESTAMP_MS_MAX } from "../../model/timestamp-text.ts";
import { CodeWriter, literalCode } from "./code-writer.ts";
import { type Code, expressionCode } from "./expression-code.ts";
import { cellOffsetsOf, initialCellsOf } from "./group-scope.ts";
import { declareColumns, keyTextCode, objectCode, recordKeyCode, starCode } from "./output-code.ts";
import { type Repr, reprOf } from "./repr.ts";
import { RowScope } from "./row-scope.ts";

/** Marks in `task.flags`: why a row does not go the ordinary way. `ahead`: it does, but its timestamp is refused and moves no clock. */
export const Flag = { none: 0, ahead: 1, broken: 2, tombstone: 3, repeat: 4 } as const;

export interface RowCodeInput {
  readonly statement: BoundStatement;
  readonly fields: readonly FieldRef[];
  readonly columns: readonly number[];
  /** Index into `fields` of the whole document, where the statement selects `*`. */
  readonly star: number | null;
  /** Identity made of the record key alone: what a tombstone deletes. null: a tombstone is an error. */
  readonly keyIdentity: BoundStatement["identity"] | null;
}

/**
 * The statement as one loop over a column batch: `(batch, from, to, task) => row`, the row it stopped before.
 * Everything that can fail in a row is computed before any state is touched by it (`runtime.md` §5).
 */
export function rowCode(input: RowCodeInput): string {
  const body = new CodeWriter();
  const scope = new RowScope(body, input.fields, input.columns);
  const { statement } = input;
  body.block("rows: for (; row < to; row++)", () => {
    flaggedRowCode(input, scope);
    const eventTime = eventTimeCode(statement, input.fields, scope);
    if (statement.aggregated) aggregateRowCode(statement, scope, eventTime);
    else projectRowCode(input, scope, eventTime);
    body.line(`if (out.count >= ${LIMITS.barrierChangesMax} || out.byteLength >= ${LIMITS.barrierBytesMax}) { row++; break; }`);
  });
  const head = new CodeWriter();
  head.line('"use strict";');
  head.line("const { bytes, slices } = batch, offsets = slices.offsets, timestamps = slices.timestampsMs;");
  head.line("const { versions, flags, out } = task, w = out.writer;");
  declareColumns(head, scope.usedColumns);
  for (const constant of scope.constants) head.line(constant);
  head.line("let row = from, applied = 0, filtered = 0, late = 0;");
  if (statement.aggregated) {
    head.line("const { state, keyWriter } = task, keys = state.keys;");
    head.line("let slot = null, current = NaN, streamTime = task.streamTimeMs, nextClose = state.nextCloseMs;");
  }
  const tail = new CodeWriter();
  tail.line("task.applied += applied; task.filtered += filtered; task.late += late;");
  if (statement.aggregated) tail.line("task.streamTimeMs = streamTime;");
  tail.line("return row;");
  return `${head}\n${body}\n${tail}`;
}

function flaggedRowCode(input: RowCodeInput, scope: RowScope): void {
  const { writer } = scope;
  const { keyIdentity } = input;
  if (keyIdentity !== null && keyIdentity.kind === "columns") {
    writer.block(`if (flags[row] === ${Flag.tombstone})`, () => {
      scope.undo = "out.discard(); ";
      objectCode(keyIdentity.columns, scope);
      writer.line("out.beginId();");
      keyTextCode(keyIdentity.columns, scope);
      writer.line("out.useIdAsKey();");
      writer.line(`out.addDelete(versions[row], timestamps[row], offsets[row], 0, task.targetAt(timestamps[row]));`);
      writer.line("applied++; continue;");
      scope.undo = "";
    });
  }
  writer.line(`if (flags[row] > ${Flag.ahead}) { if (task.flaggedRow(row)) break; continue; }`);
}

/** A name that holds the row's event time in ms. */
function eventTimeCode(statement: BoundStatement, fields: readonly FieldRef[], scope: RowScope): string {
  const { writer } = scope;
  const { eventTime } = statement.source;
  if (eventTime === null) {
    if (statement.window === null && statement.suffix === null) return "timestamps[row]";
    const noDate = literalCode("the record's timestamp is no date");
    writer.line(`if (Math.abs(timestamps[row]) > ${TIMESTAMP_MS_MAX}) ${failEventTime(noDate)}`);
    return "timestamps[row]";
  }
  const field = must(fields[eventTime]);
  const code = expressionCode({ kind: "field", type: field.type, index: eventTime }, scope, "number");
  const missing = literalCode(`${field.text}: the event time is missing`);
  writer.line(`if (${code.isNull}) ${failEventTime(missing)}`);
  const minutes = LIMITS.aheadMs / 60_000;
  const ahead = literalCode(`${field.text}: the event time is more than ${minutes} minutes ahead of the record's timestamp`);
  writer.line(`if (${code.value} > timestamps[row] + ${LIMITS.aheadMs}) ${failEventTime(ahead)}`);
  return code.value;
}

function failEventTime(message: string): string {
  return `{ if (task.failRow(row, ${message}, "RECORD_EVENT_TIME")) break rows; continue rows; }`;
}

function whereCode(statement: BoundStatement, scope: RowScope, otherwise: string): void {
  if (statement.where === null) return;
  const where = expressionCode(statement.where, scope, "boolean");
  scope.writer.line(`if (${where.isNull} || !(${where.value})) { ${otherwise} }`);
}

function projectRowCode(input: RowCodeInput, scope: RowScope, eventTime: string): void {
  const { statement } = input;
  const { writer } = scope;
  whereCode(statement, scope, "filtered++; continue;");
  scope.undo = "out.discard(); ";
  const columns = statement.items.filter((item) => item.kind === "column");
  if (input.star === null) objectCode(columns, scope);
  else starCode(input.star, columns, scope);
  identityCode(statement, scope);
  const times = `versions[row], ${eventTime}, offsets[row], 0, task.targetAt(${eventTime})`;
  writer.line(`out.addUpsert(${times});`);
  writer.line("applied++;");
  scope.undo = "";
}

/** Writes id and record key; where the statement names no key, that of the record. */
function identityCode(statement: BoundStatement, scope: RowScope): void {
  const { writer } = scope;
  const { recordKey, identity } = statement;
  writer.line("out.beginId();");
  if (identity.kind === "columns") keyTextCode(identity.columns, scope);
  else writer.line("w.utf8(task.idBefore); w.number(offsets[row]); w.utf8(task.idAfter);");
  if (recordKey !== null) recordKeyCode(recordKey, identity, scope);
  else writer.line("if (slices.keyStarts[row] >= 0) { out.beginKey(); w.bytes(bytes, slices.keyStarts[row], slices.keyEnds[row]); }");
}

function aggregateRowCode(statement: BoundStatement, scope: RowScope, eventTime: string): void {
  const { writer } = scope;
  const { window } = statement;
  const close = "if (task.closeWindows(streamTime, row)) break rows; current = NaN; nextClose = state.nextCloseMs;";
  const moves = `${eventTime} > streamTime && flags[row] === ${Flag.none}`;
  const advance = `if (${moves}) { streamTime = ${eventTime}; if (streamTime >= nextClose) { ${close} } }`;
  scope.skipped = `${advance} `;
  whereCode(statement, scope, `${advance} filtered++; continue;`);
  const group = groupValuesCode(statement, scope);
  const values = statement.aggregates.map((aggregate) =>
    aggregate.argument === null ? null : expressionCode(aggregate.argument, scope, argumentRepr(aggregate)),
  );
  scope.skipped = "";
  writer.line(advance);
  if (window === null) {
    writer.line("if (slot === null) slot = state.slot(0);");
  } else {
    writer.line(`const windowStart = Math.floor(${eventTime} / ${window.sizeMs}) * ${window.sizeMs};`);
    writer.line(`if (streamTime >= windowStart + ${window.sizeMs + window.graceMs}) { late++; continue; }`);
    writer.line("if (windowStart !== current) { slot = state.slot(windowStart); current = windowStart; nextClose = state.nextCloseMs; }");
  }
  internCode(statement, scope, group);
  accumulateCode(statement, scope, values);
  writer.line(`slot.touch(group, versions[row], offsets[row], ${eventTime});`);
  writer.line("applied++;");
  writer.line(`if (state.dirtyGroups >= ${LIMITS.barrierChangesMax}) { row++; break; }`);
}

/** COUNT(x) takes any value; the others compute with numbers (timestamps and dates are numbers here). */
function argumentRepr(aggregate: BoundStatement["aggregates"][number]): Repr {
  return aggregate.name === "count" ? reprOf(must(aggregate.argument).type) : "number";
}

/**
 * The grouping values, as JavaScript expressions (null for NULL). A plain string field without escapes is looked up where
 * it lies, and not decoded here.
 */
function groupValuesCode(statement: BoundStatement, scope: RowScope): readonly string[] {
  const { writer } = scope;
  const lies = plainField(statement);
  const values = statement.groupBy.map((expr) => {
    const value = writer.fresh("g");
    writer.line(`let ${value} = null;`);
    const compute = (): void => {
      const code = expressionCode(expr, scope);
      const isObject = `typeof ${code.value} === "object" && ${code.value} !== null`;
      if (reprOf(expr.type) === "any") writer.line(`if (${isObject}) ${scope.fail('"objects and arrays cannot be grouped by"')}`);
      writer.line(`${value} = ${code.isNull === "false" ? code.value : `${code.isNull} ? null : ${code.value}`};`);
    };
    if (lies === null) compute();
    else writer.block(`if (${scope.column(lies).t}[row] !== ${Tag.string})`, compute);
    return value;
  });
  return values;
}

/** The field by which the statement groups, if it is one field and may hold strings. */
function plainField(statement: BoundStatement): number | null {
  const [only] = statement.groupBy;
  if (statement.groupBy.length !== 1 || only?.kind !== "field") return null;
  return only.type.kind === "any" || only.type.kind === "string" ? only.index : null;
}

/** `keyId`: of the group's canonical JSON text. */
function internCode(statement: BoundStatement, scope: RowScope, values: readonly string[]): void {
  const { writer } = scope;
  const general = (): void => {
    writer.line("keyWriter.reset();");
    values.forEach((value, index) => {
      if (values.length > 1) writer.line(`keyWriter.ascii("${index === 0 ? "[" : ","}");`);
      writer.line(`h.writeGroupValue(keyWriter, ${value});`);
    });
    if (values.length > 1) writer.line('keyWriter.ascii("]");');
    writer.line("keyId = keys.intern(keyWriter.view(), 0, keyWriter.length);");
  };
  writer.line("let keyId;");
  const lies = plainField(statement);
  if (lies === null) {
    general();
    return;
  }
  const { t, s, e } = scope.column(lies);
  writer.line(`if (${t}[row] === ${Tag.string}) keyId = keys.intern(bytes, ${s}[row] - 1, ${e}[row] + 1);`);
  writer.block("else", general);
}

function accumulateCode(statement: BoundStatement, scope: RowScope, values: readonly (Code | null)[]): void {
  const { writer } = scope;
  const offsets = cellOffsetsOf(statement.aggregates);
  const width = initialCellsOf(statement.aggregates).length;
  writer.line(`const group = slot.groupOf(keyId), cells = slot.cells, at = group * ${width};`);
  statement.aggregates.forEach((aggregate, index) => {
    const spec = must(aggregateFunction(aggregate.name));
    const value = values[index] ?? null;
    const step = spec.step((cell) => `cells[at + ${(offsets[index] as number) + cell}]`, value === null ? "0" : value.value);
    if (value === null) {
      writer.line(step);
      return;
    }
    const any = aggregate.argument !== null && argumentRepr(aggregate) === "any";
    const isNull =
      any && value.isNull === "false" ? `${value.value} === null` : any ? `${value.isNull} || ${value.value} === null` : value.isNull;
    if (isNull === "false") writer.line(step);
    else if (isNull !== "true") writer.line(`if (!(${isNull})) { ${step} }`);
  });
}
