import type { ShownPlan } from "../../fleet/plan-changes.ts";
import type { PipelineFile } from "../../project/desired-pipelines.ts";
import { type FindingsOutput, findingsText } from "../findings/findings-text.ts";
import { counted, print, write } from "../output.ts";
import type { Drift } from "./drift.ts";
import { unmanagedText } from "./plan-text.ts";
import { subjectOf } from "./print-plan.ts";

/** `drifts`: of each change of the plan, null where there is none. */
export async function printDrift(
  output: FindingsOutput,
  plan: ShownPlan,
  drifts: readonly (Drift | null)[],
  files: readonly PipelineFile[],
): Promise<void> {
  const found = drifts.filter((drift) => drift !== null);
  if (output === "json")
    await print(JSON.stringify({ generation: plan.generation, owner: plan.owner, drifts: found, unmanaged: plan.unmanaged }, null, 2));
  else if (output === "text") await print([...found.flatMap(textOf), summaryOf(plan, found), ...unmanagedText(plan)].join("\n"));
  else {
    const subjects = plan.changes.map((change, index) => {
      const drift = drifts[index] ?? null;
      if (drift === null) return subjectOf(change, files, []);
      const message = [`${drift.pipeline} ${drift.what}`, ...(drift.diff === "" ? [] : [drift.diff.trimEnd()])].join("\n");
      return subjectOf(change, files, [{ severity: "error", code: `DRIFT_${drift.kind.toUpperCase()}`, message, hint: null }]);
    });
    await write(process.stdout, findingsText(output, { command: "drift", subjects }));
  }
}

function textOf({ pipeline, what, diff }: Drift): readonly string[] {
  return [`${pipeline} ${what}`, ...diff.split("\n").flatMap((line) => (line === "" ? [] : [`    ${line}`])), ""];
}

function summaryOf({ changes }: ShownPlan, found: readonly Drift[]): string {
  if (found.length === 0) return `no drift: ${counted(changes.length, "pipeline")} as the files say`;
  return `${found.length} of ${counted(changes.length, "pipeline")} ${found.length === 1 ? "differs" : "differ"} from the files`;
}
