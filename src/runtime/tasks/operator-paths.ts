import { must } from "../../assert.ts";
import type { CompiledJoins, Port } from "../../plan/code/compile-joins.ts";

/** Filters, and joins of a stream with tables: of each record they make one row at most, at once. */
export function recordGiversOf({ operators, inputs, nexts }: CompiledJoins): readonly boolean[] {
  const givers: boolean[] = [];
  for (const [index, operator] of operators.entries()) {
    const isLeft = (port: Port | null): boolean => port?.operator === index && port.side === 0;
    const before = nexts.findIndex(isLeft);
    const isOfRecords = before < 0 ? inputs.some(isLeft) : givers[before] === true;
    const isOfJoins = before < 0 || operators[before]?.kind === "join";
    const isJoin = operator.kind === "join" && operator.left.reads === "stream" && operator.step.within === null;
    givers.push(isOfRecords && (operator.kind === "running" || (isJoin && isOfJoins)));
  }
  return givers;
}

/** The operator, and those that its rows go through. */
export function pathOf(first: number, { nexts }: CompiledJoins): readonly number[] {
  const path: number[] = [];
  for (let index: number | null = first; index !== null; index = nexts[index]?.operator ?? null) path.push(index);
  return path;
}

/** By operator: the way of its rows, where something on it goes by time. */
export function timedPaths(compiled: CompiledJoins): readonly (readonly number[])[] {
  const { operators } = compiled;
  const isTimed = (index: number): boolean => {
    const operator = must(operators[index]);
    return operator.kind === "join" ? operator.step.within !== null : operator.kind === "groups" && operator.plan.statement.window !== null;
  };
  return operators.map((_, first) => {
    const path = pathOf(first, compiled);
    return path.some(isTimed) ? path : [];
  });
}

/** By operator: by how much rows for the loop may come out behind its stream time. */
export function behindOf(lagsMs: readonly number[], { nexts }: CompiledJoins): readonly number[] {
  const behindMs = [...lagsMs];
  for (let index = behindMs.length - 1; index >= 0; index--) {
    const next = nexts[index] ?? null;
    if (next !== null) behindMs[index] = must(lagsMs[index]) + must(behindMs[next.operator]);
  }
  return behindMs;
}
