import type { Command } from "commander";
import { type Drift, driftOf } from "./changes/drift.ts";
import { plannerOf } from "./changes/planner.ts";
import { printDrift } from "./changes/print-drift.ts";
import { type ChangeOptions, newChangeCommand, wantedOf } from "./changes/request.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { type FindingsOutput, findingsOutputOption } from "./findings/findings-text.ts";

interface DriftOptions extends ChangeOptions {
  readonly output: FindingsOutput;
}

export function driftCommand(setExitCode: SetExitCode): Command {
  const command = newChangeCommand(
    "drift",
    "what runs on a server otherwise than queries/ says; exit 0: nothing, 1: an error, 2: something",
  )
    .addOption(findingsOutputOption())
    .addHelpText("after", examples("sluice drift", "sluice drift --env prod --output github"));
  return defineCommand<[], DriftOptions>(command, setExitCode, async (options) => {
    const wanted = await wantedOf(options);
    if (wanted === null) return 1;
    await using planner = await plannerOf(options);
    const plan = await planner.plan(wanted.body);
    const drifts = plan.changes.map((change): Drift | null => driftOf(change));
    await printDrift(options.output, plan, drifts, wanted.files);
    return drifts.every((drift) => drift === null) ? 0 : 2;
  });
}
