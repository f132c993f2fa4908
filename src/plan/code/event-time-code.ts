import { must } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import { DAY_MS } from "../../model/calendar.ts";
import type { BoundStatement, FieldRef } from "../../model/statement.ts";
import { TIMESTAMP_MS_MAX } from "../../model/timestamp-text.ts";
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
export function needsEventTimes({ aggregated, source, suffix }: BoundStatement): boolean {
  return aggregated || source.eventTime !== null || suffix !== null;
}

/** Statements with equal keys have equal event times in every row. */
export function eventTimeKey({ statement, fields, columns }: EventTimeInput): string {
  const { eventTime } = statement.source;
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
  eventTimeCode(input, scope, (message) => `{ if (task.failRow(row, ${message}, "RECORD_EVENT_TIME")) break rows; continue rows; }`);
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
  const { eventTime } = statement.source;
  if (eventTime === null) {
    const message = literalCode("the record's timestamp is no date");
    if (mustBeDate(statement)) writer.line(`if (Math.abs(timestamps[row]) > ${TIMESTAMP_MS_MAX}) ${fail(message)}`);
    return "timestamps[row]";
  }
  const field = must(fields[eventTime]);
  const code = expressionCode({ kind: "field", type: field.type, index: eventTime }, scope, "number");
  writer.line(`if (${code.isNull}) ${fail(literalCode(`${field.text}: the event time is missing`))}`);
  const value = field.type.kind === "date" ? `${code.value} * ${DAY_MS}` : code.value;
  const minutes = LIMITS.aheadMs / 60_000;
  const ahead = literalCode(`${field.text}: the event time is more than ${minutes} minutes ahead of the record's timestamp`);
  writer.line(`if (${value} > timestamps[row] + ${LIMITS.aheadMs}) ${fail(ahead)}`);
  return value;
}

function mustBeDate({ window, suffix, joins }: BoundStatement): boolean {
  return window !== null || suffix !== null || joins.length > 0;
}
