import { SCALAR_FUNCTIONS } from "../../functions/registry.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import { copyJson, copyObjectWithout } from "../../model/json-copy.ts";
import type { StatementPlan } from "../pipeline-plan.ts";
import { cast } from "./casts.ts";
import { emissionCode } from "./emission-code.ts";
import { eventTimeKey, eventTimesCode } from "./event-time-code.ts";
import { rowNotFalse } from "./predicate-tables.ts";
import { type GeneratedFunction, rowCode } from "./row-code.ts";
import { rowReaching } from "./row-reaching.ts";
import type { EmissionTask, EventTimes, GroupSlot, RowTask } from "./task.ts";
import * as textBytes from "./text-bytes.ts";
import * as values from "./values.ts";
import { writeAny, writeCell, writeExact, writeGroupValue, writeQuoted } from "./write-cell.ts";

/** What generated code may call. */
const helpers = {
  ...values,
  ...textBytes,
  rowReaching,
  rowNotFalse,
  cast,
  writeCell,
  writeExact,
  writeAny,
  writeGroupValue,
  writeQuoted,
  copyJson,
  copyObjectWithout,
  functions: Object.fromEntries(SCALAR_FUNCTIONS.map((spec) => [spec.name, spec.implement])),
};

export interface CompiledStatement {
  /** Works rows [from, to) off and returns the row before which it stopped. */
  readonly rows: (batch: ColumnBatch, from: number, to: number, task: RowTask) => number;
  /** Writes the result of one group to `task.out`; a message says why it could not. Null for a stateless statement. */
  readonly emit:
    | ((slot: GroupSlot, index: number, task: EmissionTask, final: boolean, causeOffset: number, causeOrdinal: number) => string | null)
    | null;
  /** The generated text, for EXPLAIN and for reading. */
  readonly source: string;
}

/** Generates and compiles the JavaScript of one statement. */
export function compileStatement(plan: StatementPlan): CompiledStatement {
  const { statement } = plan;
  const rows = rowCode(plan);
  const emit = statement.aggregated ? emissionCode(statement) : null;
  const rowArguments = "batch, from, to, task";
  const timeArguments = "batch, from, to, flags, times";
  const times = eventTimesCode(plan);
  const eventTimes: EventTimes = { key: eventTimeKey(plan), fill: instantiate(timeArguments, { statics: "", body: times }) };
  const emitArguments = "slot, index, task, final, causeOffset, causeOrdinal";
  return {
    rows: instantiate(rowArguments, rows, eventTimes),
    emit: emit === null ? null : instantiate(emitArguments, { statics: "", body: emit }),
    source: `// eventTimes(${timeArguments})\n${times}\n\n// rows(${rowArguments})\n${rows.statics}\n${rows.body}${emit === null ? "" : `\n\n// emit(${emitArguments})\n${emit}`}`,
  };
}

/** What stands in `body` was made by this folder alone; texts of a statement are in it as JSON literals only. */
function instantiate<T>(parameters: string, { statics, body }: GeneratedFunction, eventTimes: EventTimes | null = null): T {
  const factory = new Function("h", "eventTimes", `${statics}\nreturn function (${parameters}) {\n${body}\n};`) as (
    h: typeof helpers,
    eventTimes: EventTimes | null,
  ) => T;
  return factory(helpers, eventTimes);
}
