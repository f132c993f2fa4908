import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { createMetrics } from "../metrics.ts";
import type { ServerContext } from "../server-context.ts";

export const metricRoutes =
  (context: ServerContext): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const metrics = createMetrics(context);
    const schema = {
      operationId: "getMetrics",
      summary: "For Prometheus",
      produces: [metrics.contentType],
      response: { 200: Type.String() },
    };
    scope.get("/metrics", { schema }, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  };
