import type { Command } from "commander";
import { savePlan } from "./changes/plan-file.ts";
import { plannerOf } from "./changes/planner.ts";
import { printPlan } from "./changes/print-plan.ts";
import { type ChangeOptions, isChange, isRefused, newChangeCommand, wantedOf, withDecisions } from "./changes/request.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { type FindingsOutput, findingsOutputOption } from "./findings/findings-text.ts";
import { say } from "./output.ts";

interface PlanOptions extends ChangeOptions {
  readonly out?: string;
  readonly output: FindingsOutput;
  readonly detailedExitcode?: boolean;
}

export function planCommand(setExitCode: SetExitCode): Command {
  const command = withDecisions(newChangeCommand("plan", "what would change on a server so that it runs queries/; changes nothing"))
    .option("--out <file>", "keeps the plan, for sluice apply FILE")
    .option("--detailed-exitcode", "exit 0: nothing to do, 1: an error or a refusal, 2: changes")
    .addOption(findingsOutputOption())
    .addHelpText("after", examples("sluice plan", "sluice plan --env prod --out plan.json", "sluice plan --output markdown > plan.md"));
  return defineCommand<[], PlanOptions>(command, setExitCode, makePlan);
}

async function makePlan(options: PlanOptions): Promise<number> {
  const wanted = await wantedOf(options);
  if (wanted === null) return 1;
  await using planner = await plannerOf(options);
  const plan = await planner.plan(wanted.body);
  await printPlan(options.output, plan, wanted.files);
  if (isRefused(plan)) {
    if (options.out !== undefined) await say(`${options.out} was not written: nothing of a plan with a refusal can be applied`);
    return 1;
  }
  if (options.out !== undefined) {
    await savePlan(options.out, { request: wanted.body, plan });
    await say(`sluice apply ${options.out} does exactly this, as long as nothing else changes`);
  }
  return options.detailedExitcode === true && plan.changes.some(isChange) ? 2 : 0;
}
