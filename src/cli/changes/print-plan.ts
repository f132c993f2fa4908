import type { PipelineChange, ShownPlan } from "../../fleet/plan-changes.ts";
import type { PipelineFile } from "../../project/desired-pipelines.ts";
import { type Finding, type Subject, wholeFinding } from "../findings/finding.ts";
import { type FindingsOutput, findingsText } from "../findings/findings-text.ts";
import { print, write } from "../output.ts";
import { shownPath } from "../print-diagnostics.ts";
import { planMarkdown } from "./plan-markdown.ts";
import { planText, statementText } from "./plan-text.ts";
import { isChange } from "./request.ts";

/** A plan in the form that was asked for. */
export async function printPlan(output: FindingsOutput, plan: ShownPlan, files: readonly PipelineFile[]): Promise<void> {
  if (output === "text") await print(planText(process.stdout, plan));
  else if (output === "json") await print(JSON.stringify(plan, null, 2));
  else if (output === "markdown") await write(process.stdout, planMarkdown("plan", plan));
  else {
    const subjects = plan.changes.map((change) => subjectOf(change, files, findingsOf(change)));
    await write(process.stdout, findingsText(output, { command: "plan", subjects }));
  }
}

type Said = Pick<Finding, "severity" | "code" | "message" | "hint">;

/** A pipeline as those see it who count findings. */
export function subjectOf({ pipeline }: PipelineChange, files: readonly PipelineFile[], said: readonly Said[]): Subject {
  const path = files.find(({ source }) => source.name === pipeline)?.source.file;
  const file = path === undefined ? null : shownPath(path);
  return { suite: file ?? pipeline, name: pipeline, seconds: null, findings: said.map((one) => wholeFinding(file, one)) };
}

function findingsOf(change: PipelineChange): readonly Said[] {
  const { pipeline, action, statements, refusal } = change;
  const isDear = change.class === "incompatible" || change.class === "destructive";
  const what = [`${pipeline}: ${action}, ${change.class}`, ...statements.map((one) => `${one.statement}: ${statementText(one)}`)];
  const code = `CHANGE_${change.class.toUpperCase()}`;
  return [
    ...(isChange(change) ? [{ severity: isDear ? "warning" : "note", code, message: what.join("\n"), hint: null } as const] : []),
    ...(refusal === null ? [] : [{ severity: "error", code: "CHANGE_REFUSED", message: `${pipeline}: ${refusal}`, hint: null } as const]),
  ];
}
