import type { PipelineChange, ShownPlan } from "../../fleet/plan-changes.ts";
import { counted, paint } from "../output.ts";
import { isChange } from "./request.ts";

type Stream = NodeJS.WriteStream;

const MARKS = { create: ["+", "green"], update: ["~", "yellow"], drop: ["-", "red"], none: [" ", "dim"] } as const;

/** For people: what changes, why, what becomes of positions and state, and the difference of the texts. */
export function planText(stream: Stream, plan: ShownPlan): string {
  const changed = plan.changes.filter(isChange);
  const refused = plan.changes.filter(({ action, refusal }) => action === "none" && refusal !== null);
  const blocks = [...changed, ...refused].map((change) => changeText(stream, change));
  return [...blocks, summaryOf(plan), ...unmanagedText(plan)].join("\n");
}

function changeText(stream: Stream, change: PipelineChange): string {
  const { pipeline, action, statements, notes, diff, refusal } = change;
  const [mark, color] = MARKS[action];
  const lines = [
    `${paint(stream, color, `${mark} ${pipeline}`)}  ${change.class}${runText(change)}`,
    ...statements.map((statement) => `    ${statement.statement}: ${statementText(statement)}`),
    ...notes.map((note) => `    ${note}`),
    // Of what is made or dropped as a whole the text is no difference.
    ...(action === "update" ? diff : "").split("\n").flatMap((line) => (line === "" ? [] : [`    ${coloredDiff(stream, line)}`])),
    ...(refusal === null ? [] : [`    ${paint(stream, "redBright", "refused")}: ${refusal}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** Whether it stops is worth a word only where it runs already. */
export function runText({ action, restarts }: Pick<PipelineChange, "action" | "restarts">): string {
  return action !== "update" ? "" : restarts ? ", starts again" : ", goes on running";
}

const POSITIONS = {
  kept: "goes on from its positions",
  dropped: "its positions are dropped",
  earliest: "begins at the first record",
  latest: "begins with new records",
  time: "begins at the time that START AT says",
  undecided: "",
} as const;
const STATE = { kept: "with its state", dropped: "its state is dropped", none: "", undecided: "" } as const;

/** `compatible, goes on from its positions, with its state (its grouping is the same)` */
export function statementText({ class: kind, positions, state, why }: PipelineChange["statements"][number]): string {
  const parts = [kind, POSITIONS[positions], STATE[state]].filter((part) => part !== "");
  return `${parts.join(", ")} (${why})`;
}

function coloredDiff(stream: Stream, line: string): string {
  if (line.startsWith("+")) return paint(stream, "green", line);
  return line.startsWith("-") ? paint(stream, "red", line) : paint(stream, "dim", line);
}

/** `1 to create, 2 to change, 0 to drop, 4 unchanged` */
export function summaryOf({ changes, class: worst }: ShownPlan): string {
  const count = (action: PipelineChange["action"]): number => changes.filter((change) => change.action === action).length;
  const [made, changed, dropped, same] = [count("create"), count("update"), count("drop"), count("none")];
  if (made + changed + dropped === 0) return `nothing to do: ${counted(same, "pipeline")} as the files say`;
  return `${made} to create, ${changed} to change, ${dropped} to drop, ${same} unchanged; at most ${worst}`;
}

export function unmanagedText({ unmanaged }: ShownPlan): readonly string[] {
  if (unmanaged.length === 0) return [];
  const shown = unmanaged.map(({ pipeline, owner }) => `${pipeline} (${owner === null ? "made by hand" : `of ${owner}`})`);
  return [`left alone: ${shown.join(", ")}`];
}
