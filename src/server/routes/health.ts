import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { RETRY_AFTER_SECONDS } from "../drain.ts";
import type { ServerContext } from "../server-context.ts";

const Health = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("not-ready"), Type.Literal("draining")]),
  notReady: Type.Array(
    Type.Object({
      pipeline: Type.String(),
      state: Type.String(),
      unavailable: Type.Array(Type.String(), { description: "Statements whose target does not answer." }),
    }),
  ),
});

export const healthRoutes =
  ({ fleet, deployments, draining }: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    scope.get(
      "/health/live",
      { schema: { operationId: "live", summary: "The process answers", response: { 200: Health } }, config: { role: "open" } },
      async () => ({
        status: "ok" as const,
        notReady: [],
      }),
    );

    const summary =
      "Every pipeline that is to run has its partitions, and targets that answer; one that failed or waits for a topic holds up nobody";
    scope.get(
      "/health/ready",
      { schema: { operationId: "ready", summary, response: { 200: Health, 503: Health } }, config: { role: "open" } },
      async (_request, reply) => {
        const notReady = deployments.list().flatMap(({ name: pipeline }) => {
          const { state = "starting", unavailable = [] } = fleet.status(pipeline) ?? {};
          return state === "starting" || unavailable.length > 0 ? [{ pipeline, state, unavailable: [...unavailable] }] : [];
        });
        const status = draining.aborted ? ("draining" as const) : notReady.length > 0 ? ("not-ready" as const) : ("ok" as const);
        if (status !== "ok") reply.code(503).header("retry-after", RETRY_AFTER_SECONDS);
        return { status, notReady };
      },
    );
  };
