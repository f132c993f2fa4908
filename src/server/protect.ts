import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { type AuditLog, auditChanges } from "./audit.ts";
import { authenticator } from "./auth/authenticate.ts";
import { guard } from "./auth/guard.ts";
import { refuseWhileDraining } from "./drain.ts";
import { onlyUnderOwnNames } from "./own-names.ts";
import type { ServerConfig } from "./server-config.ts";
import type { ServerContext } from "./server-context.ts";

export interface ProtectOptions {
  readonly config: ServerConfig;
  readonly audit: AuditLog;
  /** It speaks TLS. */
  readonly isSecure: boolean;
}

/** Unless `server.limits` says otherwise. */
const REQUESTS_PER_MINUTE = 3_000;
const FAILURES_PER_MINUTE = 20;

/** What pages of the server may load and do. */
const PAGES = {
  "default-src": ["'self'"],
  "img-src": ["'self'", "data:"],
  "style-src": ["'self'", "'unsafe-inline'"],
  "object-src": ["'none'"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
};

/** What stands before every route, in that order; for routes that come after it. */
export async function protect(
  server: FastifyInstance,
  { deployments, draining, env }: ServerContext,
  { config, audit, isSecure }: ProtectOptions,
): Promise<void> {
  const { auth, limits, hosts = null } = config;
  auditChanges(server, { log: audit, deployments, clock: env.clock });
  await server.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: PAGES },
    strictTransportSecurity: isSecure,
  });
  await server.register(rateLimit, { global: false });
  onlyUnderOwnNames(server, hosts, auth !== undefined);
  guard(server, {
    authenticate: authenticator(auth),
    requestsPerMinute: limits?.["requests.per.minute"] ?? (auth === undefined ? null : REQUESTS_PER_MINUTE),
    failuresPerMinute: limits?.["failures.per.minute"] ?? FAILURES_PER_MINUTE,
  });
  refuseWhileDraining(server, draining);
}
