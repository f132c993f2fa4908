import type { FastifyInstance } from "fastify";
import { neededRole } from "./auth/guard.ts";
import { problem } from "./problem.ts";

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost)$/;

/** Whether only this machine reaches that address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Keeps pages of other sites from using a visitor's browser to drive the server, which may know him by his address, his
 * certificate or a password that the browser remembers: what comes from a page must come from one of the server's own,
 * and where a list of names is given, or nobody is asked who he is, the server answers to these names alone (a foreign
 * name that leads here is how such pages get around the first rule).
 */
export function onlyUnderOwnNames(server: FastifyInstance, names: readonly string[] | null, asksWho: boolean): void {
  const isOwn = (name: string): boolean => (names === null ? asksWho || isLoopback(name) : names.includes(name) || isLoopback(name));
  server.addHook("onRequest", async (request) => {
    if (neededRole(request) === "open") return;
    const { hostname } = request;
    if (!isOwn(hostname)) {
      throw problem(403, "NOT_ALLOWED", `this server is not called '${hostname}'`, "server.hosts in sluice.yaml names what it is called");
    }
    const { origin } = request.headers;
    if (origin === undefined) return;
    const from = URL.parse(origin)?.host ?? null;
    if (from !== request.host && !(from !== null && names?.includes(hostOf(from)))) {
      throw problem(
        403,
        "NOT_ALLOWED",
        `pages of ${origin} may not use this server`,
        "server.hosts in sluice.yaml names what it is called",
      );
    }
  });
}

function hostOf(hostAndPort: string): string {
  return hostAndPort.replace(/:\d+$/, "");
}
