import type { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import type { BoundSource } from "../../model/statement.ts";
import type { StatementPlan } from "../pipeline-plan.ts";
import { type CompiledJoins, compileJoins } from "./compile-joins.ts";
import { emissionCode } from "./emission-code.ts";
import { eventTimeKey, eventTimesCode } from "./event-time-code.ts";
import { FunctionCache, functionText } from "./generated-function.ts";
import { helpers } from "./helpers.ts";
import { lateCode } from "./late-code.ts";
import { type MergeCells, mergeCode } from "./merge-code.ts";
import { rowCode } from "./row-code.ts";
import type { EmissionTask, EventTimes, ResultSlot, RowTask } from "./task.ts";

export interface CompiledStatement {
  /** Works rows [from, to) off and returns the row before which it stopped. */
  readonly rows: (batch: ColumnBatch, from: number, to: number, task: RowTask) => number;
  /** Writes the result of one group to `task.out`; a message says why it could not. Null for a stateless statement. */
  readonly emit:
    | ((slot: ResultSlot, index: number, task: EmissionTask, final: boolean, causeOffset: number, causeOrdinal: number) => string | null)
    | null;
  /** Writes a late record as a change; a message says why it could not. null: late records are counted only. */
  readonly late: ((batch: ColumnBatch, row: number, task: RowTask, out: ChangeBatchBuilder) => string | null) | null;
  /** Puts records of parts of a group together; null where none are put together. */
  readonly merge: MergeCells | null;
  /** null: it reads one topic. */
  readonly joins: CompiledJoins | null;
  /** The generated text, for EXPLAIN and for reading. */
  readonly source: string;
}

function withoutTime({ eventTimeExpr: _, ...source }: BoundSource): BoundSource {
  return { ...source, eventTime: null };
}

/** Generates and compiles the JavaScript of one statement. Statements compiled with one cache share what they have in common. */
export function compileStatement(plan: StatementPlan, cache = new FunctionCache()): CompiledStatement {
  const { statement } = plan;
  const joins = statement.joins.length === 0 ? null : compileJoins(plan, cache);
  // Rows that are joined have their time where records have their timestamp.
  const loop = joins === null ? plan : { ...plan, statement: { ...statement, source: withoutTime(statement.source) } };
  const times = eventTimesCode(loop);
  const eventTimes: EventTimes = { key: eventTimeKey(loop), fill: cache.instantiate(times, helpers) };
  const rows = rowCode(loop, eventTimes);
  const emit = statement.aggregated ? emissionCode(statement) : null;
  const late = plan.late === null ? null : lateCode(plan, plan.late);
  const { window } = statement;
  const merges = statement.aggregated && window !== null && window.kind !== "tumbling";
  return {
    merge: merges ? cache.instantiate(mergeCode(statement), helpers) : null,
    rows: cache.instantiate(rows, helpers),
    emit: emit === null ? null : cache.instantiate(emit, helpers),
    late: late === null ? null : cache.instantiate(late, helpers),
    joins,
    source: [
      ...(joins === null ? [] : [joins.source]),
      functionText("eventTimes", times),
      functionText("rows", rows),
      ...(emit === null ? [] : [functionText("emit", emit)]),
    ].join("\n\n"),
  };
}
