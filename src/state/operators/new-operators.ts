import { must } from "../../assert.ts";
import type { CompiledJoin, CompiledJoins, CompiledOperator, CompiledStage } from "../../plan/code/compile-joins.ts";
import { ForeignKeyJoin } from "./foreign-key-join.ts";
import type { JoinOptions } from "./join-options.ts";
import type { Operator } from "./operator.ts";
import { StreamStreamJoin } from "./stream-stream-join.ts";
import { StreamTableJoin } from "./stream-table-join.ts";
import { TableTableJoin } from "./table-table-join.ts";

/** Those in front of a statement's loop; `newStage` makes what is no join. */
export function newOperators(
  compiled: CompiledJoins,
  partition: number,
  newStage: (stage: CompiledStage) => Operator,
): readonly Operator[] {
  const { before } = lagsOf(compiled);
  return compiled.operators.map((one, index) => (one.kind === "join" ? newJoin(one, partition, must(before[index])) : newStage(one)));
}

/**
 * By operator, in ms: `before`: how far behind the stream time of the records its rows may come in, which rows of its other side have to
 * wait for; `own`: how far behind its own stream time they may come out: unmatched ones when nothing can match them any more, late ones
 * within the grace.
 */
export function lagsOf({ operators, nexts }: Pick<CompiledJoins, "operators" | "nexts">): {
  readonly before: readonly number[];
  readonly own: readonly number[];
} {
  const before = operators.map(() => 0);
  const own = operators.map((one, index) => {
    const givenMs = must(before[index]);
    const lagMs = lagOf(one);
    const next = nexts[index] ?? null;
    if (next !== null) before[next.operator] = Math.max(must(before[next.operator]), givenMs + lagMs);
    return one.kind === "join" && one.step.within !== null ? givenMs + lagMs : lagMs;
  });
  return { before, own };
}

function lagOf(one: CompiledOperator): number {
  if (one.kind === "join") {
    const { within } = one.step;
    return within === null ? 0 : Math.max(within.beforeMs, within.afterMs) + within.graceMs;
  }
  if (one.kind !== "groups") return 0;
  const { window, emit } = one.plan.statement;
  return window === null || emit === "changes" ? 0 : window.graceMs;
}

function newJoin({ step, left, right, leftKeys, residual }: CompiledJoin, partition: number, lagMs: number): Operator {
  const options: JoinOptions = { type: step.type, left, right, keyParts: step.keys.length, residual, partition };
  if (left.reads === "stream" && right.reads === "stream") {
    const { graceMs, ...within } = must(step.within);
    return new StreamStreamJoin({ ...options, within: { ...within, graceMs: graceMs + lagMs } });
  }
  if (left.reads === "stream") return new StreamTableJoin(options);
  if (leftKeys === null) return new TableTableJoin(options);
  return new ForeignKeyJoin({ ...options, leftKeys, leftKeyParts: must(step.leftKey).length });
}
