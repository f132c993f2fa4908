import type { FastifyInstance } from "fastify";
import { problem } from "./problem.ts";

/** Another server, or this one started anew, may be there by then. */
export const RETRY_AFTER_SECONDS = 5;

/** While pipelines write what is under way, they can be looked at and no more. */
export function refuseWhileDraining(server: FastifyInstance, draining: AbortSignal): void {
  server.addHook("onRequest", async ({ method }, reply) => {
    if (!draining.aborted || method === "GET" || method === "HEAD") return;
    reply.header("retry-after", RETRY_AFTER_SECONDS);
    throw problem(503, "STOPPED", "the server is stopping", "try again when it is back");
  });
}
