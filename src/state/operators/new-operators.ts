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
  // Rows of a join before come out behind its stream time: those that meet them have to wait for so much longer.
  let lagMs = 0;
  return steps.map((join) => {
    const operator = newOperator(join, partition, lagMs);
    lagMs += lagOf(join.step);
    return operator;
  });
}

/** By how much rows come out behind stream time: unmatched ones when nothing can match them any more, late ones within the grace. */
export function lagOf({ within }: BoundJoinStep): number {
  return within === null ? 0 : Math.max(within.beforeMs, within.afterMs) + within.graceMs;
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
