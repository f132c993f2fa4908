import { DAY_MS, inTimestampRange } from "../model/calendar.ts";
import type { BoundOp } from "../model/expression.ts";
import { addInterval, addIntervals, multiplyInterval, negateInterval } from "../model/interval.ts";
import { toLocal } from "../model/time-zone.ts";
import { BIGINT, DATE, type DataType, INTERVAL, TIME, TIMESTAMP } from "../model/type.ts";
import type { Interval, Value } from "../model/value.ts";

/** An operator with a time among its operands. */
export interface TimeOperator {
  readonly result: DataType;
  /** Undefined: there is no such time. */
  readonly implement: (left: never, right: never) => Value | undefined;
}

const minus = (interval: Interval): Interval => negateInterval(interval);
const later = (timestampMs: number, interval: Interval): Value | undefined => inTimestampRange(addInterval(timestampMs, interval));
const dayLater = (days: number, interval: Interval): Value | undefined => later(days * DAY_MS, interval);
const date = (days: number): Value | undefined => (inTimestampRange(days * DAY_MS) === undefined ? undefined : days);
/** Around the clock; months and days are none of a time's business. */
const timeLater = (timeMs: number, { ms }: Interval): number => (((timeMs + ms) % DAY_MS) + DAY_MS) % DAY_MS;

/** A difference has days and a time, both of one sign. */
function between(laterMs: number, earlierMs: number): Interval {
  const ms = laterMs - earlierMs;
  const days = Math.trunc(ms / DAY_MS);
  return { months: 0, days: days + 0, ms: ms - days * DAY_MS };
}

const ADD_DAYS: TimeOperator = { result: DATE, implement: (days: number, count: number) => date(days + count) };
const DATE_LATER: TimeOperator = { result: TIMESTAMP, implement: dayLater };
const LATER: TimeOperator = { result: TIMESTAMP, implement: later };
const TIME_LATER: TimeOperator = { result: TIME, implement: timeLater };
const AT: TimeOperator = { result: TIMESTAMP, implement: (days: number, timeMs: number) => inTimestampRange(days * DAY_MS + timeMs) };
const TIMES: TimeOperator = { result: INTERVAL, implement: multiplyInterval };
const BETWEEN: TimeOperator = { result: INTERVAL, implement: between };

const OPERATORS: Readonly<Record<string, TimeOperator>> = {
  "date + number": ADD_DAYS,
  "number + date": swapped(ADD_DAYS),
  "date - number": { result: DATE, implement: (days: number, count: number) => date(days - count) },
  "date - date": { result: BIGINT, implement: (left: number, right: number) => left - right },
  "date + time": AT,
  "time + date": swapped(AT),
  "date + interval": DATE_LATER,
  "interval + date": swapped(DATE_LATER),
  "date - interval": { result: TIMESTAMP, implement: (days: number, interval: Interval) => dayLater(days, minus(interval)) },
  "timestamp + interval": LATER,
  "interval + timestamp": swapped(LATER),
  "timestamp - interval": { result: TIMESTAMP, implement: (ms: number, interval: Interval) => later(ms, minus(interval)) },
  "timestamp - timestamp": BETWEEN,
  "timestamp - date": { result: INTERVAL, implement: (ms: number, days: number) => between(ms, days * DAY_MS) },
  "date - timestamp": { result: INTERVAL, implement: (days: number, ms: number) => between(days * DAY_MS, ms) },
  "time + interval": TIME_LATER,
  "interval + time": swapped(TIME_LATER),
  "time - interval": { result: TIME, implement: (ms: number, interval: Interval) => timeLater(ms, minus(interval)) },
  "interval + interval": { result: INTERVAL, implement: addIntervals },
  "interval - interval": { result: INTERVAL, implement: (left: Interval, right: Interval) => addIntervals(left, minus(right)) },
  "interval * number": TIMES,
  "number * interval": swapped(TIMES),
  "interval / number": { result: INTERVAL, implement: (interval: Interval, by: number) => multiplyInterval(interval, 1 / by) },
  "timestamp at time zone string": { result: TIMESTAMP, implement: (ms: number, zone: string) => toLocal(ms, zone) },
  "date at time zone string": { result: TIMESTAMP, implement: (days: number, zone: string) => toLocal(days * DAY_MS, zone) },
};

function swapped({ result, implement }: TimeOperator): TimeOperator {
  return { result, implement: (left: never, right: never) => implement(right, left) };
}

/** By the operand's types; null: there is none. Numbers are given as doubles. */
export function timeOperator(left: DataType, op: BoundOp, right: DataType): TimeOperator | null {
  return OPERATORS[`${operandName(left)} ${op} ${operandName(right)}`] ?? null;
}

function operandName({ kind }: DataType): string {
  return kind === "int" || kind === "bigint" || kind === "double" ? "number" : kind;
}
