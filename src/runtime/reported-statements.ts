import type { PipelinePlan, StatementPlan } from "../plan/pipeline-plan.ts";
import type { StatementProgress } from "./protocol.ts";
import { sumStatement } from "./sum-progress.ts";

/** The progress of all statements, the members of a UNION ALL, and the stages of what is repartitioned, as one. */
export function reportedStatements(
  { statements }: PipelinePlan,
  progressOf: (plan: StatementPlan, index: number) => StatementProgress,
): readonly StatementProgress[] {
  const byName = new Map<string, StatementProgress[]>();
  for (const [index, plan] of statements.entries()) {
    const { reportedAs } = plan.statement;
    const members = byName.get(reportedAs) ?? [];
    const member = { ...progressOf(plan, index), name: reportedAs };
    // Of two stages the second one has the target.
    if (plan.repartition?.kind === "merging") members.unshift(member);
    else members.push(member);
    byName.set(reportedAs, members);
  }
  return [...byName.values()].map(sumStatement);
}
