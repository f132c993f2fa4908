import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { problem } from "../problem.ts";
import type { Authenticate } from "./authenticate.ts";
import { mayAs, type Principal, type Role } from "./role.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** null: not known yet, or nobody is asked for. */
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** What the route needs; `open`: nobody is asked. Left out: `viewer` to read, `admin` to change. */
    role?: Role | "open";
    /** Whether its requests are written down as changes. Left out: those that need more than `viewer`, and do not only read. */
    isChange?: boolean;
  }
}

export interface GuardOptions {
  readonly authenticate: Authenticate;
  /** Requests that one identity may send in a minute; null: as many as it likes. */
  readonly requestsPerMinute: number | null;
  /** Requests that one address may send in a minute without being let in. */
  readonly failuresPerMinute: number;
}

const MINUTE_MS = 60_000;

/** Lets no request to a route that its sender may not use. Needs @fastify/rate-limit. */
export function guard(server: FastifyInstance, { authenticate, requestsPerMinute, failuresPerMinute }: GuardOptions): void {
  const failures = server.createRateLimit({ max: failuresPerMinute, timeWindow: MINUTE_MS });
  const requests =
    requestsPerMinute === null ? null : server.createRateLimit({ max: requestsPerMinute, timeWindow: MINUTE_MS, keyGenerator: identityOf });
  server.decorateRequest("principal", null as unknown as Principal);
  server.addHook("onRequest", async (request, reply) => {
    const role = neededRole(request);
    if (role === "open") return;
    const failed = await failures(request, { increment: false });
    if (!failed.isAllowed && failed.remaining === 0) throw tooMany(reply, failed.ttlInSeconds, "failed log-ins from this address");
    const principal = await authenticate(request.raw);
    if (principal === null) {
      await failures(request);
      reply.header("www-authenticate", 'Bearer realm="sluice", Basic realm="sluice"');
      const isSilent = request.headers.authorization === undefined;
      const message = isSilent ? "this server wants to know who asks" : "nobody is known by this token or password";
      throw problem(401, "NOT_AUTHENTICATED", message, "send a bearer token (commands: SLUICE_TOKEN), or a name and password");
    }
    request.principal = principal;
    const sent = await requests?.(request);
    if (sent?.isAllowed === false && sent.isExceeded) throw tooMany(reply, sent.ttlInSeconds, `requests of ${principal.name}`);
    if (!mayAs(principal.role, role)) throw problem(403, "NOT_ALLOWED", `${principal.name} is ${principal.role}; this needs ${role}`);
  });
}

/** Of the route that a request is for; what there is not is asked for like what there is. */
export function neededRole({ routeOptions, method }: FastifyRequest): Role | "open" {
  return routeOptions.config.role ?? (method === "GET" || method === "HEAD" ? "viewer" : "admin");
}

function identityOf({ principal: { via, name }, ip }: FastifyRequest): string {
  return via === "anonymous" ? ip : `${via} ${name}`;
}

function tooMany(reply: FastifyReply, seconds: number, what: string) {
  reply.header("retry-after", seconds);
  return problem(429, "TOO_MANY_REQUESTS", `too many ${what}`, `again in ${seconds} s`);
}
