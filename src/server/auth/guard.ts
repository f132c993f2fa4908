import type { FastifyInstance } from "fastify";
import { problem } from "../problem.ts";
import type { Authenticate } from "./authenticate.ts";
import { mayAs, type Principal, type Role } from "./role.ts";

declare module "fastify" {
  interface FastifyRequest {
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** What the route needs; `open`: nobody is asked. Left out: `viewer` to read, `admin` to change. */
    role?: Role | "open";
  }
}

/** Tries without an identity from one address, in a minute, before it has to wait. */
const FAILURES_MAX = 20;
const FAILURES_MS = 60_000;

/** Lets no request to a route that its sender may not use. */
export function guard(server: FastifyInstance, authenticate: Authenticate, nowMs: () => number): void {
  const failures = new FailureCount(nowMs);
  server.decorateRequest("principal", null as unknown as Principal);
  server.addHook("onRequest", async (request, reply) => {
    const role = request.routeOptions.config.role ?? (request.method === "GET" || request.method === "HEAD" ? "viewer" : "admin");
    if (role === "open") return;
    if (failures.isTooMany(request.ip)) {
      reply.header("retry-after", FAILURES_MS / 1000);
      throw problem(429, "TOO_MANY_REQUESTS", "too many tries to log in from this address");
    }
    const principal = await authenticate(request.raw);
    if (principal === null) {
      failures.add(request.ip);
      reply.header("www-authenticate", 'Bearer realm="sluice", Basic realm="sluice"');
      throw problem(401, "NOT_AUTHENTICATED", "this server wants to know who asks", "send a bearer token, or a name and password");
    }
    if (!mayAs(principal.role, role)) throw problem(403, "NOT_ALLOWED", `${principal.name} is ${principal.role}; this needs ${role}`);
    request.principal = principal;
  });
}

/** Failed tries by address, of the minute that runs. */
class FailureCount {
  private readonly nowMs: () => number;
  private readonly counts = new Map<string, number>();
  private sinceMs = 0;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  add(address: string): void {
    this.turn();
    this.counts.set(address, (this.counts.get(address) ?? 0) + 1);
  }

  isTooMany(address: string): boolean {
    this.turn();
    return (this.counts.get(address) ?? 0) >= FAILURES_MAX;
  }

  private turn(): void {
    const now = this.nowMs();
    if (now - this.sinceMs < FAILURES_MS) return;
    this.sinceMs = now;
    this.counts.clear();
  }
}
