import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { isStateful } from "../model/statement.ts";
import type { PipelinePlan } from "../plan/pipeline-plan.ts";
import { planPipeline } from "../plan/plan-pipeline.ts";
import { analyzeText, type Project } from "../project/project.ts";
import { type BeginChoice, type ChangeClass, classifyStatement, movedStatement, type StatementChange, worstOf } from "./classify-change.ts";
import { type Deployment, type Labels, versionOf } from "./deployment.ts";
import type { DeploymentChange } from "./deployment-change.ts";
import { chosenBeginning, type DesiredPipeline, isTargeted, OWNER_LABEL, type PlanRequest, PROTECTED_LABEL } from "./plan-request.ts";
import { textDiff } from "./text-diff.ts";

export interface PipelineChange {
  readonly pipeline: string;
  readonly action: "create" | "update" | "drop" | "none";
  /** The dearest of its statements'. */
  readonly class: ChangeClass;
  readonly statements: readonly StatementChange[];
  /** What changes beside the statements, a sentence each. */
  readonly notes: readonly string[];
  /** Whether it stops and starts: a pipeline whose statements and settings stay goes on running. */
  readonly restarts: boolean;
  /** Unified, of the formatted texts; empty where they are equal. */
  readonly diff: string;
  /** Why it cannot be applied, and what to say so that it can; null: it can. */
  readonly refusal: string | null;
  /** How it is now; null: it is not there. */
  readonly live: Pick<Deployment, "generation" | "changedAt" | "changedBy" | "desired"> | null;
}

/** Somebody else's: it is left alone. */
export interface UnmanagedPipeline {
  readonly pipeline: string;
  /** null: made by hand. */
  readonly owner: string | null;
}

/** What would be done, and to which catalog. */
export interface ChangePlan {
  readonly generation: number;
  /** Of all pipelines as they are and of all that would be done: who applies with it applies exactly this. */
  readonly digest: string;
  readonly owner: string;
  readonly class: ChangeClass;
  /** In the order in which they are done: drops, then the others, by name. */
  readonly changes: readonly PipelineChange[];
  readonly unmanaged: readonly UnmanagedPipeline[];
  readonly apply: readonly DeploymentChange[];
}

/** A plan as it is told: what there is to do is made anew by who does it. */
export type ShownPlan = Omit<ChangePlan, "apply">;

export interface PlanInput extends PlanRequest {
  readonly project: Project;
  readonly generation: number;
  readonly live: readonly Deployment[];
}

/** What has to be done so that the catalog is as the files say. */
export async function planChanges(input: PlanInput): Promise<ChangePlan> {
  const { generation, owner, live } = input;
  const wanted = new Set(input.pipelines.map(({ name }) => name));
  const dropped = live.filter(({ name, labels }) => labels[OWNER_LABEL] === owner && !wanted.has(name));
  const planned = dropped.filter(({ name }) => isTargeted(input, name)).map((before) => planDrop(before, input));
  for (const after of input.pipelines.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    if (!isTargeted(input, after.name)) continue;
    planned.push(planPut(live.find(({ name }) => name === after.name) ?? null, after, input));
    // Each text may take a while: whoever else is waiting has a turn in between.
    await setImmediate();
  }
  const changes = planned.map(({ change }) => change);
  const apply = planned.flatMap(({ apply: one }) => (one === null ? [] : [one]));
  return {
    generation,
    digest: digestOf([owner, apply, live.map((one) => [one.name, one.generation])]),
    owner,
    class: worstOf(changes.map((change) => change.class)),
    changes,
    unmanaged: live
      .filter(({ name, labels }) => labels[OWNER_LABEL] !== owner && !wanted.has(name))
      .map(({ name, labels }) => ({ pipeline: name, owner: labels[OWNER_LABEL] ?? null })),
    apply,
  };
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}

interface Planned {
  readonly change: PipelineChange;
  readonly apply: DeploymentChange | null;
}

function planDrop(before: Deployment, { project, allow }: PlanInput): Planned {
  const change: PipelineChange = {
    pipeline: before.name,
    action: "drop",
    class: "destructive",
    statements: (planOf(project, before)?.statements ?? []).map((plan) => classifyStatement(plan, null, null)),
    notes: [],
    restarts: false,
    diff: textDiff(before.name, before.text, ""),
    refusal: dropRefusal(before, allow),
    live: liveOf(before),
  };
  return { change, apply: { kind: "drop", name: before.name, at: before.generation } };
}

function dropRefusal({ labels }: Deployment, allow: PlanRequest["allow"]): string | null {
  if (labels[PROTECTED_LABEL] === "true") return "it is protected: take @prevent_destroy out of its file and apply that first";
  return allow.includes("destructive") ? null : "it would be dropped, with its positions and state: --allow destructive does that";
}

function planPut(before: Deployment | null, after: DesiredPipeline, input: PlanInput): Planned {
  const { name, text } = after;
  const labels = labelsOf(after, input.owner);
  const [was, now] = [before === null ? null : planOf(input.project, before), planOf(input.project, after)];
  const statements = now === null ? [] : before !== null && was === null ? unknown(now) : classified(was, now, after, input);
  const notes = [...labelNotes(before?.labels ?? labels, labels), ...pausedNote(before)];
  const isSame = before !== null && before.text === text && labelNotes(before.labels, labels).length === 0;
  const action = before === null ? "create" : isSame && statements.every(isSettled) ? "none" : "update";
  const begin = beginningsOf(statements, before);
  const change: PipelineChange = {
    pipeline: name,
    action,
    class: classOf(before, after, statements, action),
    statements,
    notes: action === "none" ? [] : notes,
    restarts: before !== null && (before.version !== versionOf(text) || Object.keys(begin).length > 0),
    diff: textDiff(name, before?.text ?? "", text),
    refusal: putRefusal(before, now, statements, after, input),
    live: before === null ? null : liveOf(before),
  };
  if (action === "none") return { change, apply: null };
  return { change, apply: { kind: "put", name, text, labels, begin, at: before?.generation ?? null } };
}

/** Statements whose state does not fit take what was said about that: in the request, else in the file. */
function classified(
  before: PipelinePlan | null,
  after: PipelinePlan,
  desired: DesiredPipeline,
  input: PlanInput,
): readonly StatementChange[] {
  const earlier = before?.statements ?? [];
  const gone = earlier.filter(({ statement: { name } }) => !after.statements.some(({ statement }) => statement.name === name));
  const kept = after.statements.map((plan) => {
    const was = earlier.find(({ statement }) => statement.name === plan.statement.name) ?? null;
    const isMoved = was !== null && before !== null && before.stateConnection !== after.stateConnection;
    const change = isMoved ? movedStatement(plan, before.stateConnection, after.stateConnection) : classifyStatement(was, plan, null);
    const begin = chosenBeginning(input, desired, plan.statement.name);
    if (begin === null || !change.choices.includes(begin)) return change;
    return { ...classifyStatement(was, plan, begin), why: `${change.why}; it begins anew` };
  });
  // Of a pipeline that the catalog never had, or has lost, nothing is known but its name.
  const first = before === null ? "where positions are kept under the pipeline's name, it goes on from them" : null;
  return [...gone.map((plan) => classifyStatement(plan, null, null)), ...kept.map((change) => ({ ...change, why: first ?? change.why }))];
}

/** What runs has errors, as where one of its connections is gone: there is nothing to compare with, and the runtime checks what is kept. */
function unknown({ statements }: PipelinePlan): readonly StatementChange[] {
  const why = "what runs has errors and cannot be compared; where its state does not fit, the statement will stop and say so";
  return statements.map(({ statement }) => {
    const keeps = isStateful(statement);
    const kept = { positions: "kept", state: keeps ? "kept" : "none", choices: [], why } as const;
    return { statement: statement.name, class: keeps ? "compatible" : "stateless", ...kept };
  });
}

const isSettled = ({ positions }: StatementChange): boolean => positions !== "undecided";

/**
 * What of them begins anew; that drops what is still kept under its name. So does a statement that a pipeline gets beside its
 * others. The statements of a new pipeline take what is kept under its name, should a catalog have been lost.
 */
function beginningsOf(statements: readonly StatementChange[], before: Deployment | null): Readonly<Record<string, BeginChoice>> {
  return Object.fromEntries(
    statements.flatMap((change): [string, BeginChoice][] => {
      if (change.class === "new" && before !== null) return [[change.statement, "earliest"]];
      if (change.class !== "incompatible" || !isSettled(change)) return [];
      return [[change.statement, change.positions === "kept" ? "here" : "earliest"]];
    }),
  );
}

function putRefusal(
  before: Deployment | null,
  now: PipelinePlan | null,
  statements: readonly StatementChange[],
  { name, text }: DesiredPipeline,
  { project, owner, allow }: PlanInput,
): string | null {
  if (now === null) {
    const error = analyzeText(project, name, text).diagnostics.find(({ severity }) => severity === "error");
    return `its text has errors on the server: ${error?.message}`;
  }
  if (now.statements.length === 0) return "there is no INSERT in it, so nothing would run";
  const holder = before?.labels[OWNER_LABEL] ?? null;
  if (before !== null && holder !== owner) {
    return `${holder === null ? "it was made by hand" : `it belongs to ${holder}`}: sluice adopt ${name} takes it over`;
  }
  const undecided = statements.filter((change) => !isSettled(change));
  if (undecided.length > 0) {
    const said = undecided.map(({ statement, choices }) => `--begin ${name}/${statement}=${choices.join("|")}`);
    const names = undecided.map(({ statement }) => statement).join(", ");
    return `what is kept of ${names} does not fit: say where to begin by ${said.join(" ")}`;
  }
  const gone = statements.filter((change) => change.class === "destructive").map(({ statement }) => statement);
  if (gone.length === 0 || allow.includes("destructive")) return null;
  return `${gone.join(", ")} would be gone, with positions and state: --allow destructive does that`;
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

function labelsOf({ labels, isProtected }: DesiredPipeline, owner: string): Labels {
  return { ...labels, [OWNER_LABEL]: owner, ...(isProtected ? { [PROTECTED_LABEL]: "true" } : {}) };
}

function labelNotes(before: Labels, after: Labels): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const shown = (value: string | undefined): string => (value === undefined ? "none" : `'${value}'`);
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => `label ${name}: ${shown(before[name])} → ${shown(after[name])}`);
}

function pausedNote(before: Deployment | null): readonly string[] {
  return before?.desired === "paused" ? ["it is paused, and stays so"] : [];
}

function liveOf({ generation, changedAt, changedBy, desired }: Deployment): PipelineChange["live"] {
  return { generation, changedAt, changedBy, desired };
}

/** null: the text has errors. */
function planOf(project: Project, { name, text }: Pick<Deployment, "name" | "text">): PipelinePlan | null {
  const { pipeline } = analyzeText(project, name, text);
  return pipeline === null ? null : planPipeline(pipeline, { keepState: true });
}
