import { userInfo } from "node:os";
import { Deployments } from "../../fleet/deployments.ts";
import type { ChangePlan, ShownPlan } from "../../fleet/plan-changes.ts";
import { applyRequest, planRequest } from "../../fleet/version-control.ts";
import { environment } from "../../project/environment.ts";
import { openCatalogLog } from "../../project/open-catalog-log.ts";
import { type PlanBody, wantedBy } from "../../server/routes/plan.ts";
import { readServerConfig, sharedCatalog } from "../../server/server-config.ts";
import { type CommonOptions, openProjectOf } from "../command.ts";
import { say } from "../output.ts";
import { clientOf, type ServerOptions } from "../server-command.ts";

/** Who makes plans and applies them. */
export interface Planner extends AsyncDisposable {
  plan(body: PlanBody): Promise<ShownPlan>;
  /** `digest`: of the plan that was agreed to. */
  apply(body: PlanBody, digest: string): Promise<ShownPlan>;
}

export interface PlannerOptions extends CommonOptions, ServerOptions {
  readonly offline?: boolean;
}

/** A server, or the catalog itself. Rejects with STORE_BUSY where that is a file that a server has. */
export function plannerOf(options: PlannerOptions): Promise<Planner> {
  return options.offline === true ? openedCatalog(options) : askedServer(options);
}

async function askedServer(options: ServerOptions): Promise<Planner> {
  const client = await clientOf(options);
  return {
    plan: async (body) => (await client.request<ShownPlan>("POST", "/v1/plan", body)).body,
    apply: async (body, digest) => (await client.request<ShownPlan>("POST", "/v1/apply", { ...body, digest })).body,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function openedCatalog(options: CommonOptions): Promise<Planner> {
  const project = await openProjectOf(options);
  const shared = sharedCatalog(readServerConfig(project.config, process.env));
  const log = await openCatalogLog(project, environment, shared, (connection, message) => void say(`${connection}: ${message}`));
  const deployments = await Deployments.open(log, environment.clock);
  for (const { place, problem } of deployments.damages) await say(`the catalog is damaged: ${place} ${problem}`);
  const controlled = { project, deployments, env: environment };
  return {
    plan: async (body) => shown(await planRequest(controlled, wantedBy(body), { strict: body.strict ?? false })),
    apply: async (body, digest) => {
      const { strict = false } = body;
      return shown(await applyRequest(controlled, wantedBy(body), { by: userInfo().username, digest, strict }));
    },
    [Symbol.asyncDispose]: () => deployments.close(),
  };
}

function shown({ apply: _, ...plan }: ChangePlan): ShownPlan {
  return plan;
}
