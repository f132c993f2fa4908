import type { ShownPlan } from "../../fleet/plan-changes.ts";
import type { PlanBody } from "../../server/routes/plan.ts";
import type { CommonOptions } from "../command.ts";
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
export async function plannerOf(options: PlannerOptions): Promise<Planner> {
  if (options.offline !== true) return askedServer(options);
  // What a server is made of takes longer to load than most plans to make.
  const { openCatalogPlanner } = await import("./catalog-planner.ts");
  return openCatalogPlanner(options);
}

async function askedServer(options: ServerOptions): Promise<Planner> {
  const client = await clientOf(options);
  return {
    plan: async (body) => (await client.request<ShownPlan>("POST", "/v1/plan", body)).body,
    apply: async (body, digest) => (await client.request<ShownPlan>("POST", "/v1/apply", { ...body, digest })).body,
    [Symbol.asyncDispose]: async () => {},
  };
}
