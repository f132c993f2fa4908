import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Registry } from "@prometheus-io/client";
import { Type } from "typebox";

export const metricRoutes =
  (metrics: Registry): FastifyPluginAsyncTypebox =>
  async (scope) => {
    const schema = {
      operationId: "getMetrics",
      summary: "For Prometheus",
      produces: [metrics.contentType],
      response: { 200: Type.String() },
    };
    scope.get("/metrics", { schema }, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  };
