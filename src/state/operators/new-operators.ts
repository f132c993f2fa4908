import { must } from "../../assert.ts";
import type { BoundJoinStep } from "../../model/statement.ts";
import type { CompiledJoin, CompiledJoins } from "../../plan/code/compile-joins.ts";
import { ForeignKeyJoin } from "./foreign-key-join.ts";
import type { JoinOptions } from "./join-options.ts";
import type { Operator } from "./operator.ts";
import { StreamStreamJoin } from "./stream-stream-join.ts";
import { StreamTableJoin } from "./stream-table-join.ts";
import { TableTableJoin } from "./table-table-join.ts";

/** One for each JOIN of a statement, in their order. */
export function newOperators({ steps }: CompiledJoins, partition: number): readonly Operator[] {
  return steps.map((join, index) => newOperator(join, partition, waitOf(steps, index)));
}

/**
 * By how much the rows of a JOIN come out behind its stream time: unmatched ones when nothing can match them any more, late ones
 * within the grace.
 */
export function lagOf({ steps }: CompiledJoins, index: number): number {
  const { within } = must(steps[index]).step;
  return within === null ? 0 : ownLagOf(within) + waitOf(steps, index);
}

/** Rows of the joins before come out behind stream time: those that meet them have to wait for so much longer. */
function waitOf(steps: readonly CompiledJoin[], index: number): number {
  return steps.slice(0, index).reduce((sum, { step: { within } }) => sum + (within === null ? 0 : ownLagOf(within)), 0);
}

function ownLagOf({ beforeMs, afterMs, graceMs }: NonNullable<BoundJoinStep["within"]>): number {
  return Math.max(beforeMs, afterMs) + graceMs;
}

function newOperator({ step, left, right, leftKeys, residual }: CompiledJoin, partition: number, lagMs: number): Operator {
  const options: JoinOptions = { type: step.type, left, right, keyParts: step.keys.length, residual, partition };
  if (left.reads === "stream" && right.reads === "stream") {
    const { graceMs, ...within } = must(step.within);
    return new StreamStreamJoin({ ...options, within: { ...within, graceMs: graceMs + lagMs } });
  }
  if (left.reads === "stream") return new StreamTableJoin(options);
  if (leftKeys === null) return new TableTableJoin(options);
  return new ForeignKeyJoin({ ...options, leftKeys, leftKeyParts: must(step.leftKey).length });
}
