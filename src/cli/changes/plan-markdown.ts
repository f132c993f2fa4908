import type { PipelineChange, ShownPlan } from "../../fleet/plan-changes.ts";
import { markdownCell } from "../findings/markdown-cell.ts";
import { runText, statementText, summaryOf, unmanagedText } from "./plan-text.ts";
import { isChange } from "./request.ts";

/** For a comment on a pull request: a table, and each difference behind a fold. */
export function planMarkdown(command: string, plan: ShownPlan): string {
  const changed = plan.changes.filter((change) => isChange(change) || change.refusal !== null);
  const rows = changed.map((change) => `| \`${change.pipeline}\` | ${change.action} | ${change.class} | ${whatHappens(change)} |`);
  const table = rows.length === 0 ? [] : ["", "| pipeline | | class | what happens |", "|---|---|---|---|", ...rows];
  const diffs = changed
    .filter(({ action, diff }) => action === "update" && diff !== "")
    .flatMap(({ pipeline, diff }) => ["", ...folded(pipeline, diff)]);
  const rest = unmanagedText(plan).flatMap((line) => ["", markdownCell(line)]);
  return `${[`### sluice ${command}: ${summaryOf(plan)}`, ...table, ...diffs, ...rest].join("\n")}\n`;
}

function whatHappens(change: PipelineChange): string {
  const { statements, notes, refusal } = change;
  const run = runText(change).replace(/^, /, "");
  const lines = [
    ...(refusal === null ? [] : [`**refused**: ${markdownCell(refusal)}`]),
    ...(run === "" ? [] : [run]),
    ...statements.map((statement) => `\`${statement.statement}\`: ${markdownCell(statementText(statement))}`),
    ...notes.map(markdownCell),
  ];
  return lines.join("<br>");
}

/** More back-ticks than the text has, whatever it has. */
function folded(pipeline: string, diff: string): readonly string[] {
  const longest = Math.max(2, ...[...diff.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`<details><summary><code>${pipeline}</code></summary>`, "", `${fence}diff`, diff.trimEnd(), fence, "", "</details>"];
}
