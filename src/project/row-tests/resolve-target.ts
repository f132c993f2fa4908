import { likeliest } from "../../../grammar/nearest.ts";
import { isDatedNameOf } from "../../model/date-pattern.ts";
import type { PipelinePlan } from "../../plan/pipeline-plan.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import type { Target } from "./written-rows.ts";

/** What a pipeline writes, statement by statement; late records too. */
export function routesOf({ statements }: PipelinePlan): readonly RouteTarget[] {
  return statements.flatMap(({ route, late }) => [route, late?.route ?? null].filter((one) => one !== null));
}

/**
 * The target that a test calls `elastic.orders`, or `orders` where it is on the default connection. A dated one has its own name
 * or that of all days; one that records name has any. As text: why there is none.
 */
export function resolveTarget(
  written: string,
  plan: PipelinePlan,
  defaultSink: string,
): Target | { readonly message: string; readonly hint: string } {
  const routes = routesOf(plan);
  for (const name of [written, `${defaultSink}.${written}`]) {
    const exact = routes.find((route) => `${route.connection}.${route.name}` === name);
    if (exact !== undefined) return { route: exact, name: exact.name };
    const made = routes.find((route) => name.startsWith(`${route.connection}.`) && makes(route, name.slice(route.connection.length + 1)));
    if (made !== undefined) return { route: made, name: name.slice(made.connection.length + 1) };
  }
  const known = [...new Set(routes.map((route) => `${route.connection}.${route.name}`))];
  const meant = likeliest(written, known);
  return {
    message: `the query writes no '${written}'`,
    hint: meant === null ? `it writes ${known.join(", ")}` : `did you mean ${meant}?`,
  };
}

function makes({ suffix, name, options }: RouteTarget, written: string): boolean {
  return options.dynamic || (suffix !== null && isDatedNameOf(written, name));
}
