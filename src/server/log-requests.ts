import type { FastifyInstance } from "fastify";

/** Asked for every few seconds, by machines. */
const ROUTINE = /^\/(health\/|metrics$)/;

/** A line for each request, when it is answered; with the id that problems have as their instance. */
export function logRequests(server: FastifyInstance): void {
  server.addHook("onResponse", async ({ method, url, routeOptions, principal, log }, reply) => {
    const { statusCode: status, elapsedTime } = reply;
    const level = ROUTINE.test(routeOptions.url ?? "") ? "debug" : "info";
    const who = principal === undefined || principal === null ? {} : { by: principal.name };
    log[level]({ method, url: pathOf(url), status, ms: Math.round(elapsedTime), ...who }, "answered");
  });
}

/** Without the query, where people leave secrets. */
export function pathOf(url: string): string {
  return url.replace(/\?.*$/s, "");
}
