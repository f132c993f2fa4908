import { operandsOf } from "../../analyze/bound-tree.ts";
import { must } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import { DAY_MS } from "../../model/calendar.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { BoundStatement, FieldRef } from "../../model/statement.ts";
import { TIMESTAMP_MS_MAX } from "../../model/timestamp-text.ts";
import { TIMESTAMP } from "../../model/type.ts";
import { CodeWriter, literalCode } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import type { GeneratedFunction } from "./generated-function.ts";
import { declareColumns } from "./output-code.ts";
import { RowScope } from "./row-scope.ts";
import { Flag } from "./task.ts";

export interface EventTimeInput {
  readonly statement: BoundStatement;
  readonly fields: readonly FieldRef[];
  readonly columns: readonly number[];
}

/** Whether the statement's loop reads event times at all; else it has the record's timestamps, whatever they are. */
export function needsEventTimes({ aggregated, source, suffix, settings }: BoundStatement): boolean {
  return settings.time === "processing" || aggregated || source.eventTime !== null || source.eventTimeExpr !== undefined || suffix !== null;
}

/** Statements with equal keys have equal event times in every row. */
export function eventTimeKey({ statement, fields, columns }: EventTimeInput): string {
  const { eventTime, eventTimeExpr } = statement.source;
  if (statement.settings.time === "processing") return JSON.stringify(["processing", statement.name]);
  if (eventTimeExpr !== undefined)
    return JSON.stringify([eventTimeExpr, fieldsIn(eventTimeExpr.expr).map((index) => [columns[index], fields[index]])]);
  if (eventTime === null) return mustBeDate(statement) ? "date" : "timestamp";
  return JSON.stringify([columns[eventTime], must(fields[eventTime]).type]);
}

/** `EventTimes.fill`. */
export function eventTimesCode(input: EventTimeInput): GeneratedFunction {
  const body = new CodeWriter();
  const scope = new SilentScope(body, input.fields, input.columns);
  body.block("rows: for (let row = from; row < to; row++)", () => {
    body.line("times[row] = NaN;");
    body.line(`if (flags[row] > ${Flag.ahead}) continue;`);
    body.line(`times[row] = ${eventTimeCode(input, scope, () => "continue rows;")};`);
  });
  const head = new CodeWriter();
  head.line("const { slices } = batch, timestamps = slices.timestampsMs;");
  declareColumns(head, scope.usedColumns);
  return { parameters: "batch, from, to, flags, times", body: `${head}\n${body}`, statics: scope.statics };
}

/** For a row that has no event time: fails it, with the reason. */
export function missingTimeCode(input: EventTimeInput, scope: RowScope): void {
  // It stands in a block of its own: nothing that is computed there is known outside.
  const own = new RowScope(scope.writer, input.fields, input.columns);
  eventTimeCode(input, own, (message) => `{ if (task.failRow(row, ${message}, "RECORD_EVENT_TIME")) break rows; continue rows; }`);
  for (const column of own.usedColumns) scope.usedColumns.add(column);
  scope.constants.push(...own.constants);
  scope.statics.push(...own.statics);
}

function fieldsIn(expr: BoundExpr): readonly number[] {
  return expr.kind === "field" ? [expr.index] : operandsOf(expr).flatMap(fieldsIn);
}

/** An error there says nothing: who uses the time tells it. */
class SilentScope extends RowScope {
  override fail(): string {
    return "continue rows;";
  }
}

/** An expression for the row's event time in ms, after `fail` where it has none. */
function eventTimeCode({ statement, fields }: EventTimeInput, scope: RowScope, fail: (message: string) => string): string {
  const { writer } = scope;
  const { eventTime, eventTimeExpr } = statement.source;
  if (eventTime === null && eventTimeExpr === undefined) {
    const message = literalCode("the record's timestamp is no date");
    if (mustBeDate(statement)) writer.line(`if (Math.abs(timestamps[row]) > ${TIMESTAMP_MS_MAX}) ${fail(message)}`);
    return "timestamps[row]";
  }
  const { expr, text } = eventTimeExpr ?? fieldTime(eventTime as number, fields);
  const isText = expr.type.kind === "any" || expr.type.kind === "string";
  const code = expressionCode(isText ? { kind: "cast", type: TIMESTAMP, operand: expr, safe: true } : expr, scope, "number");
  writer.line(`if (${code.isNull}) ${fail(literalCode(`${text}: the event time is missing${isText ? ", or no time" : ""}`))}`);
  const value = writer.fresh("time");
  writer.line(`const ${value} = ${code.value}${expr.type.kind === "date" ? ` * ${DAY_MS}` : ""};`);
  const minutes = LIMITS.aheadMs / 60_000;
  const ahead = literalCode(`${text}: the event time is more than ${minutes} minutes ahead of the record's timestamp`);
  writer.line(`if (${value} > timestamps[row] + ${LIMITS.aheadMs}) ${fail(`${ahead} + h.unitHint(${value})`)}`);
  // No date can be made of it, and no window.
  if (eventTimeExpr !== undefined)
    writer.line(`if (!(${value} >= -${TIMESTAMP_MS_MAX})) ${fail(literalCode(`${text}: the event time is no date`))}`);
  return value;
}

function fieldTime(index: number, fields: readonly FieldRef[]): { readonly expr: BoundExpr; readonly text: string } {
  const { type, text } = must(fields[index]);
  return { expr: { kind: "field", type, index }, text };
}

function mustBeDate({ window, suffix, joins, stage }: BoundStatement): boolean {
  return window !== null || suffix !== null || joins.length > 0 || stage !== null;
}
