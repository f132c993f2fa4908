import { SluiceError } from "../errors.ts";
import { checkLive } from "../project/live/check-live.ts";
import { analyzeText, type Project } from "../project/project.ts";
import type { Environment } from "../runtime/environment.ts";
import type { Deployments } from "./deployments.ts";
import { type ChangePlan, type PipelineChange, planChanges } from "./plan-changes.ts";
import { type PlanRequest, refuseTwins, refuseUnknown, refuseUnknownTargets } from "./plan-request.ts";

export interface VersionControlled {
  readonly project: Project;
  readonly deployments: Deployments;
  readonly env: Environment;
}

export interface PlanOptions {
  /** Source topics must exist. */
  readonly strict: boolean;
}

/** What a request would change now. Rejects with USAGE for names that it cannot mean. */
export async function planRequest(
  { project, deployments, env }: VersionControlled,
  request: PlanRequest,
  { strict }: PlanOptions,
): Promise<ChangePlan> {
  const { generation } = deployments;
  const live = deployments.list();
  refuseTwins(request);
  refuseUnknownTargets(request, live);
  const plan = await planChanges({ ...request, project, generation, live });
  const { changes } = plan;
  const statements = changes.flatMap((change) => change.statements.map(({ statement }) => [`${change.pipeline}/${statement}`, statement]));
  refuseUnknown("statement", Object.keys(request.begin), [...statements.flat(), ...changes.map(({ pipeline }) => pipeline)]);
  return strict ? { ...plan, changes: await withMissingTopics(changes, request, project, env) } : plan;
}

export interface ApplyOptions extends PlanOptions {
  readonly by: string;
  /** Of the plan that somebody has agreed to; null: whatever there is to do. */
  readonly digest: string | null;
}

/**
 * Does all of it, or none: drops, then the others, by name; pipelines start and stop on their own after that. What is so
 * already is left alone, so that doing it again finishes what was cut off. Rejects with CATALOG_CHANGED and CHANGE_REFUSED.
 */
export async function applyRequest(
  controlled: VersionControlled,
  request: PlanRequest,
  { by, digest, strict }: ApplyOptions,
): Promise<ChangePlan> {
  const plan = await planRequest(controlled, request, { strict });
  if (digest !== null && digest !== plan.digest && plan.apply.length > 0) {
    const message = `what runs has changed since the plan was made (the catalog is at generation ${plan.generation} now)`;
    throw new SluiceError("CATALOG_CHANGED", message, { hint: "make a new plan, and look at it" });
  }
  refuseUnsound(plan);
  // Each change says at which generation its pipeline was seen.
  await controlled.deployments.change(plan.apply, { by });
  return plan;
}

/** Throws CHANGE_REFUSED with all that stands against it. */
function refuseUnsound({ changes }: ChangePlan): void {
  const refused = changes.filter(({ refusal }) => refusal !== null);
  if (refused.length === 0) return;
  const message = refused.map(({ pipeline, refusal }) => `${pipeline}: ${refusal}`).join("\n");
  throw new SluiceError("CHANGE_REFUSED", message);
}

/** Those that would read topics that are neither there nor written by another pipeline of the request. */
async function withMissingTopics(
  changes: readonly PipelineChange[],
  { pipelines }: PlanRequest,
  project: Project,
  env: Environment,
): Promise<readonly PipelineChange[]> {
  const files = pipelines.map(({ name, text }) => ({ file: name, name, text, ...analyzeText(project, name, text) }));
  const checked = await checkLive(project, files, env, true);
  return changes.map((change) => {
    const file = change.action === "drop" ? undefined : checked.find(({ name }) => name === change.pipeline);
    const missing = (file?.diagnostics ?? []).filter(({ code, severity }) => code === "TOPIC_MISSING" && severity === "error");
    const [first] = missing;
    return first === undefined || change.refusal !== null ? change : { ...change, refusal: `${first.message} (--strict)` };
  });
}
