import type { Command } from "commander";
import { SluiceError } from "../errors.ts";
import type { ShownPlan } from "../fleet/plan-changes.ts";
import type { PlanBody } from "../server/routes/plan.ts";
import { isAgreed } from "./agree.ts";
import { readPlan } from "./changes/plan-file.ts";
import { planText, summaryOf } from "./changes/plan-text.ts";
import { type Planner, plannerOf } from "./changes/planner.ts";
import { type ChangeOptions, isChange, isRefused, newChangeCommand, wantedOf, withDecisions } from "./changes/request.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { print, say } from "./output.ts";

interface ApplyOptions extends ChangeOptions {
  readonly yes?: boolean;
}

export function applyCommand(setExitCode: SetExitCode): Command {
  const command = withDecisions(newChangeCommand("apply", "makes a server run queries/: all changes of the plan, or none"))
    .argument("[plan]", "a plan of sluice plan --out: exactly that, or nothing where something has changed since")
    .option("--yes", "does not ask")
    .addHelpText(
      "after",
      examples(
        "sluice apply",
        "sluice apply plan.json",
        "sluice apply --yes --allow destructive",
        "sluice apply --begin counts#1=earliest",
      ),
    );
  return defineCommand<[string | undefined], ApplyOptions>(command, setExitCode, async (options, file) => {
    if (file !== undefined) return applySaved(file, options);
    const wanted = await wantedOf(options);
    if (wanted === null) return 1;
    await using planner = await plannerOf(options);
    const plan = await planner.plan(wanted.body);
    await print(planText(process.stdout, plan));
    if (isRefused(plan)) return 1;
    if (!plan.changes.some(isChange)) return 0;
    if (options.yes !== true && !(await isAgreed("Apply this?"))) return 1;
    return await apply(planner, wanted.body, plan);
  });
}

async function applySaved(file: string, options: ApplyOptions): Promise<number> {
  const { target, begin, allow, strict } = options;
  if ([target, begin, allow, strict].some((given) => given !== undefined))
    throw new SluiceError("USAGE", "a plan that was kept is applied as it is: --target, --begin, --allow and --strict are for sluice plan");
  const { request, plan } = await readPlan(file);
  await using planner = await plannerOf(options);
  return await apply(planner, request, plan);
}

async function apply(planner: Planner, body: PlanBody, { digest }: ShownPlan): Promise<number> {
  const done = await planner.apply(body, digest);
  await say(done.changes.some(isChange) ? `done: ${summaryOf(done)}` : summaryOf(done));
  return 0;
}
