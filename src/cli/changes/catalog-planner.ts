import { userInfo } from "node:os";
import { Deployments } from "../../fleet/deployments.ts";
import type { ChangePlan, ShownPlan } from "../../fleet/plan-changes.ts";
import { applyRequest, planRequest } from "../../fleet/version-control.ts";
import { environment } from "../../project/environment.ts";
import { openCatalogLogs } from "../../project/open-catalog-logs.ts";
import { wantedBy } from "../../server/routes/plan.ts";
import { readServerConfig, sharedCatalog } from "../../server/server-config.ts";
import { type CommonOptions, openProjectOf } from "../command.ts";
import { say } from "../output.ts";
import type { Planner } from "./planner.ts";

/** The catalog itself makes plans, where no server has it. Rejects with STORE_BUSY where that is a file that a server has. */
export async function openCatalogPlanner(options: CommonOptions): Promise<Planner> {
  const project = await openProjectOf(options);
  const shared = sharedCatalog(readServerConfig(project.config, process.env));
  const onTrouble = (connection: string, message: string): void => void say(`${connection}: ${message}`);
  const { catalog } = await openCatalogLogs(project, environment, shared, onTrouble);
  const deployments = await Deployments.open(catalog, environment.clock);
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
