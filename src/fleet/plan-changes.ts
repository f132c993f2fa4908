import { createTwoFilesPatch } from "diff";
import { format } from "../../grammar/format.ts";
import { SluiceError } from "../errors.ts";
import type { Beginning, PipelinePlan } from "../plan/pipeline-plan.ts";
import { planPipeline } from "../plan/plan-pipeline.ts";
import { analyzeText, type Project } from "../project/project.ts";
import { type ChangeClass, classifyStatement, type StatementChange, worstOf } from "./classify-change.ts";
import { type Deployment, type Labels, versionOf } from "./deployment.ts";
import type { DeploymentChange } from "./deployments.ts";

/** A pipeline as files say it should be. */
export interface DesiredPipeline {
  readonly name: string;
  readonly text: string;
  readonly labels: Labels;
  /** Where statements begin whose state does not fit; null: that is refused. */
  readonly onChange: Beginning["from"] | null;
  /** A plan that would drop it is refused. */
  readonly isProtected: boolean;
}

export interface PipelineChange {
  readonly pipeline: string;
  readonly action: "create" | "update" | "drop" | "none";
  readonly class: ChangeClass;
  readonly statements: readonly StatementChange[];
  /** Unified, of the formatted texts; empty where nothing changes. */
  readonly diff: string;
  /** Why it cannot be applied; null: it can. */
  readonly refusal: string | null;
}

/** What would be done, and to which catalog: refused where that has changed since. */
export interface ChangePlan {
  readonly generation: number;
  /** Whose pipelines these are: what carries another label, or none, is not touched. */
  readonly owner: string;
  readonly changes: readonly PipelineChange[];
  readonly apply: readonly DeploymentChange[];
}

/** The label that says which project a pipeline comes from. */
export const OWNER_LABEL = "managed_by";

export interface PlanInput {
  readonly project: Project;
  readonly generation: number;
  readonly live: readonly Deployment[];
  readonly desired: readonly DesiredPipeline[];
  readonly owner: string;
}

/** What has to be done so that the catalog is as the files say. In this order: drop, then create and replace by name. */
export function planChanges({ project, generation, live, desired, owner }: PlanInput): ChangePlan {
  const own = live.filter(({ labels }) => labels[OWNER_LABEL] === owner);
  const wanted = new Set(desired.map(({ name }) => name));
  const dropped = own.filter(({ name }) => !wanted.has(name)).map((before) => planDrop(project, before));
  const kept = [...desired]
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map((after) => planPut(project, live.find(({ name }) => name === after.name) ?? null, after, owner));
  const all = [...dropped, ...kept];
  return {
    generation,
    owner,
    changes: all.map(({ change }) => change),
    apply: all.flatMap(({ apply }) => (apply === null ? [] : [apply])),
  };
}

/** Throws CHANGE_REFUSED with all that stands against it. */
export function refuseUnsound({ changes }: ChangePlan): void {
  const refused = changes.filter(({ refusal }) => refusal !== null);
  if (refused.length === 0) return;
  const message = refused.map(({ pipeline, refusal }) => `${pipeline}: ${refusal}`).join("\n");
  throw new SluiceError("CHANGE_REFUSED", message);
}

interface Planned {
  readonly change: PipelineChange;
  readonly apply: DeploymentChange | null;
}

function planDrop(project: Project, before: Deployment): Planned {
  const statements = (planOf(project, before)?.statements ?? []).map((plan) => classifyStatement(plan, null, null));
  const diff = patch(before.name, before.text, "");
  const change = { pipeline: before.name, action: "drop", class: "destructive", statements, diff, refusal: null } as const;
  const isProtected = before.labels[PROTECTED_LABEL] === "true";
  return {
    change: isProtected ? { ...change, refusal: "it is protected: take @prevent_destroy out of its file and apply that first" } : change,
    apply: { kind: "drop", name: before.name, at: before.generation },
  };
}

function planPut(project: Project, before: Deployment | null, after: DesiredPipeline, owner: string): Planned {
  const { name, text, onChange } = after;
  const labels = { ...after.labels, [OWNER_LABEL]: owner, ...(after.isProtected ? { [PROTECTED_LABEL]: "true" } : {}) };
  const now = planOf(project, after);
  const statements = now === null ? [] : classified(before === null ? null : planOf(project, before), now, onChange);
  const isSame = before !== null && before.text === text && isSameLabels(before.labels, labels);
  const undecided = statements.filter(({ positions }) => positions === "undecided").map(({ statement }) => statement);
  const action = before === null ? "create" : isSame && undecided.length === 0 ? "none" : "update";
  const change: PipelineChange = {
    pipeline: name,
    action,
    class: classOf(before, after, statements, action),
    statements,
    diff: patch(name, before?.text ?? "", text),
    refusal: refusalOf(before, owner, now, undecided),
  };
  if (action === "none") return { change, apply: null };
  const begin = Object.fromEntries(statements.filter(beginsAnew).map(({ statement }) => [statement, onChange ?? "here"] as const));
  return { change, apply: { kind: "put", name, text, labels, begin, at: before?.generation ?? null } };
}

/** Statements whose state does not fit take what the file says about that. */
function classified(before: PipelinePlan | null, after: PipelinePlan, onChange: Beginning["from"] | null): readonly StatementChange[] {
  const earlier = before?.statements ?? [];
  const gone = earlier.filter(({ statement: { name } }) => !after.statements.some(({ statement }) => statement.name === name));
  const kept = after.statements.map((plan) => {
    const was = earlier.find(({ statement }) => statement.name === plan.statement.name) ?? null;
    const change = classifyStatement(was, plan, null);
    return change.positions === "undecided" && onChange !== null ? { ...classifyStatement(was, plan, onChange), why: change.why } : change;
  });
  return [...gone.map((plan) => classifyStatement(plan, null, null)), ...kept];
}

const beginsAnew = ({ class: kind, positions }: StatementChange): boolean => kind === "incompatible" && positions !== "undecided";

function refusalOf(before: Deployment | null, owner: string, now: PipelinePlan | null, undecided: readonly string[]): string | null {
  if (now === null) return "its text has errors; sluice check shows them";
  const holder = before?.labels[OWNER_LABEL] ?? null;
  if (before !== null && holder !== owner) {
    return holder === null ? "it was made by hand; sluice adopt takes it over" : `it belongs to ${holder}`;
  }
  if (undecided.length === 0) return null;
  const subject = undecided.length === 1 ? "what is kept of" : "what is kept of each of";
  return `${subject} ${undecided.join(", ")} does not fit: write -- @on_change reset or -- @on_change backfill into the file`;
}

function classOf(
  before: Deployment | null,
  after: DesiredPipeline,
  statements: readonly StatementChange[],
  action: PipelineChange["action"],
): ChangeClass {
  if (before === null) return "new";
  const worst = worstOf(statements.map((change) => change.class));
  if (worst !== "none" || action === "none") return worst;
  return before.text === after.text || before.version !== versionOf(after.text) ? "metadata" : "cosmetic";
}

export const PROTECTED_LABEL = "prevent_destroy";

/** null: the text has errors. */
function planOf(project: Project, { name, text }: Pick<Deployment, "name" | "text">): PipelinePlan | null {
  const { pipeline } = analyzeText(project, name, text);
  return pipeline === null ? null : planPipeline(pipeline, { keepState: true });
}

function isSameLabels(left: Labels, right: Labels): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => left[name] === right[name]);
}

function patch(name: string, before: string, after: string): string {
  const [old, now] = [formatted(before), formatted(after)];
  return old === now ? "" : createTwoFilesPatch(`live/${name}`, `files/${name}`, old, now, "", "", { context: 3 });
}

function formatted(text: string): string {
  return text === "" ? "" : (format(text).text ?? text);
}
