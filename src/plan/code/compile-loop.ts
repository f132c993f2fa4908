import type { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import type { BoundSource } from "../../model/statement.ts";
import type { StatementPlan } from "../pipeline-plan.ts";
import { emissionCode } from "./emission-code.ts";
import { eventTimeKey, eventTimesCode } from "./event-time-code.ts";
import { type FunctionCache, functionText } from "./generated-function.ts";
import { helpers } from "./helpers.ts";
import { lateCode } from "./late-code.ts";
import { type MergeCells, mergeCode } from "./merge-code.ts";
import { rowCode } from "./row-code.ts";
import type { EmissionTask, EventTimes, LateTask, ResultSlot, RowTask } from "./task.ts";

export type WriteLate = (batch: ColumnBatch, row: number, task: LateTask, out: ChangeBatchBuilder) => string | null;

export interface CompiledLoop {
  /** Works rows [from, to) off and returns the row before which it stopped. */
  readonly rows: (batch: ColumnBatch, from: number, to: number, task: RowTask) => number;
  /** Writes the result of one group to `task.out`; a message says why it could not. Null for a stateless statement. */
  readonly emit:
    | ((slot: ResultSlot, index: number, task: EmissionTask, final: boolean, causeOffset: number, causeOrdinal: number) => string | null)
    | null;
  /** Writes a late record as a change; a message says why it could not. null: late records are counted only. */
  readonly late: WriteLate | null;
  /** Puts records of parts of a group together; null where none are put together. */
  readonly merge: MergeCells | null;
  /** The generated text. */
  readonly source: string;
}

/** The loop of a statement over column batches: those of its source, or, with `isBehind`, those of what stands in front of it. */
export function compileLoop(plan: StatementPlan, cache: FunctionCache, isBehind: boolean): CompiledLoop {
  const { statement } = plan;
  // What stands in front gives rows that have their time where records have their timestamp.
  const loop = isBehind ? { ...plan, statement: { ...statement, source: withoutTime(statement.source) } } : plan;
  const times = eventTimesCode(loop);
  const wallOf = statement.settings.time === "processing" && !isBehind ? statement.name : null;
  const eventTimes: EventTimes = { key: eventTimeKey(loop), wallOf, fill: cache.instantiate(times, helpers) };
  const rows = rowCode(loop, eventTimes);
  const emit = statement.aggregated ? emissionCode(statement) : null;
  const document = plan.late?.document ?? null;
  const late = document === null ? null : lateCode({ ...plan, document }, isBehind && plan.stage === null ? "rows" : "log");
  const { window } = statement;
  const merges = statement.aggregated && (plan.repartition !== undefined || (window !== null && window.kind !== "tumbling"));
  return {
    merge: merges ? cache.instantiate(mergeCode(statement), helpers) : null,
    rows: cache.instantiate(rows, helpers),
    emit: emit === null ? null : cache.instantiate(emit, helpers),
    late: late === null ? null : cache.instantiate(late, helpers),
    source: [functionText("eventTimes", times), functionText("rows", rows), ...(emit === null ? [] : [functionText("emit", emit)])].join(
      "\n\n",
    ),
  };
}

function withoutTime({ eventTimeExpr: _, ...source }: BoundSource): BoundSource {
  return { ...source, eventTime: null };
}
