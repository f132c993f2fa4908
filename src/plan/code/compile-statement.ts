import type { StatementPlan } from "../pipeline-plan.ts";
import { type CompiledJoins, compileJoins } from "./compile-joins.ts";
import { type CompiledLoop, compileLoop } from "./compile-loop.ts";
import { FunctionCache } from "./generated-function.ts";

export interface CompiledStatement extends CompiledLoop {
  /** What stands in front of the loop; null: it reads one topic as it is. */
  readonly joins: CompiledJoins | null;
}

/** Generates and compiles the JavaScript of one statement. Statements compiled with one cache share what they have in common. */
export function compileStatement(plan: StatementPlan, cache = new FunctionCache()): CompiledStatement {
  const isBehind = plan.stage !== null || plan.statement.joins.length > 0 || plan.gathered !== undefined;
  const joins = isBehind ? compileJoins(plan, cache) : null;
  const loop = compileLoop(plan, cache, isBehind);
  return { ...loop, joins, source: joins === null ? loop.source : `${joins.source}\n\n${loop.source}` };
}
