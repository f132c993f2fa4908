import type { PipelinePlan, StatementPlan } from "../plan/pipeline-plan.ts";
import type { StatementProgress } from "./protocol.ts";
import { sumStatement } from "./sum-progress.ts";

/** The progress of all statements, the members of a UNION ALL as one. */
export function reportedStatements(
  { statements }: PipelinePlan,
  progressOf: (plan: StatementPlan, index: number) => StatementProgress,
): readonly StatementProgress[] {
  const byName = new Map<string, StatementProgress[]>();
  for (const [index, plan] of statements.entries()) {
    const { reportedAs } = plan.statement;
    const members = byName.get(reportedAs) ?? [];
    members.push({ ...progressOf(plan, index), name: reportedAs });
    byName.set(reportedAs, members);
  }
  return [...byName.values()].map(sumStatement);
}
