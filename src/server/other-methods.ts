import type { FastifyInstance, HTTPMethods } from "fastify";
import { problem } from "./problem.ts";

/** Routes that come after it are remembered; the function answers all other methods of their paths with 405 and those that there are. */
export function rememberMethods(server: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>();
  server.addHook("onRoute", ({ url, method }) => {
    const methods = known.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    known.set(url, methods);
  });
  return () => {
    for (const [url, methods] of [...known]) {
      const allow = [...methods].sort().join(", ");
      const method = server.supportedMethods.filter((one) => !methods.has(one)) as HTTPMethods[];
      server.route({
        method,
        url,
        schema: { hide: true },
        config: { role: "viewer" },
        // Before a body is asked for.
        onRequest: async (request, reply) => {
          reply.header("allow", allow);
          throw problem(405, "NOT_FOUND", `${request.url} takes ${allow}, not ${request.method}`, "GET /openapi.json lists what there is");
        },
        handler: () => undefined,
      });
    }
  };
}
