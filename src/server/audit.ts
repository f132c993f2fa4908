import { AsyncLocalStorage } from "node:async_hooks";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Changed, Deployments } from "../fleet/deployments.ts";
import type { Clock } from "../ports/clock.ts";
import { neededRole } from "./auth/guard.ts";
import { pathOf } from "./log-requests.ts";

/** One line of the audit log: a request that changed something, could have, or was not allowed to. */
export interface AuditEntry {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** null: it was not known who asked. */
  readonly by: string | null;
  readonly via: string | null;
  /** The address, seen through the proxies of `server.proxies`. */
  readonly from: string;
  /** The request's id, as in the server's log and in problems. */
  readonly request: string;
  /** The operation of OpenAPI; null: there is none. */
  readonly operation: string | null;
  readonly method: string;
  readonly path: string;
  readonly sql: string | null;
  /** Pipelines that it changed, with the generation of each; deletions as others. */
  readonly changed: readonly { readonly pipeline: string; readonly change: "made" | "changed" | "dropped"; readonly generation: number }[];
  readonly status: number;
  /** Of the problem; null: there was none. */
  readonly code: string | null;
}

/** Where entries are kept. */
export interface AuditLog {
  append(line: string): Promise<void>;
  /** The latest first. */
  latest(count: number): Promise<readonly string[]>;
}

export interface AuditOptions {
  readonly log: AuditLog;
  readonly deployments: Deployments;
  readonly clock: Clock;
}

declare module "fastify" {
  interface FastifyRequest {
    /** The code of the problem that it is answered with. */
    problemCode: string | null;
  }
}

const TEXT_CHARACTERS_MAX = 4096;

type Changes = AuditEntry["changed"][number][];

/** Writes down every request to change something by a route for operators or admins, before it is answered. */
export function auditChanges(server: FastifyInstance, { log, deployments, clock }: AuditOptions): void {
  server.decorateRequest("problemCode", null);
  const current = new AsyncLocalStorage<Changes>();
  const changesOf = new WeakMap<FastifyRequest, Changes>();
  const unsubscribe = deployments.onChange((changed) => current.getStore()?.push(...changed.map(noted(deployments.generation))));
  server.addHook("onClose", async () => unsubscribe());
  // Once the body is there: its events come from outside of any request.
  server.addHook("preHandler", (request, _reply, done) => {
    const changes: Changes = [];
    changesOf.set(request, changes);
    current.run(changes, done);
  });
  server.addHook("onSend", async (request, reply) => {
    if (!mayChange(request)) return;
    const entry = entryOf(request, reply, new Date(clock.now()).toISOString(), changesOf.get(request) ?? []);
    await log
      .append(JSON.stringify(entry))
      .catch((error: unknown) => request.log.error({ err: error, audit: entry }, "not in the audit log"));
  });
}

function mayChange(request: FastifyRequest): boolean {
  const { isChange } = request.routeOptions.config;
  if (isChange !== undefined) return isChange;
  const role = neededRole(request);
  return request.method !== "GET" && request.method !== "HEAD" && role !== "open" && role !== "viewer";
}

function noted(generation: number) {
  return ({ before, after }: Changed): Changes[number] => ({
    pipeline: (after ?? before)?.name ?? "",
    change: after === null ? "dropped" : before === null ? "made" : "changed",
    generation,
  });
}

function entryOf(request: FastifyRequest, reply: FastifyReply, at: string, changed: Changes): AuditEntry {
  const { principal, ip, id, method, routeOptions, url, problemCode } = request;
  const { name = null, via = null } = (principal as typeof principal | null) ?? {};
  return {
    at,
    by: name,
    via,
    from: ip,
    request: id,
    operation: operationOf(routeOptions.schema),
    method,
    path: pathOf(url),
    sql: sqlOf(request.body),
    changed,
    status: reply.statusCode,
    code: problemCode,
  };
}

function operationOf(schema: unknown): string | null {
  return (schema as { readonly operationId?: string } | undefined)?.operationId ?? null;
}

function sqlOf(body: unknown): string | null {
  const text = typeof body === "string" ? body : (body as { readonly sql?: unknown } | null | undefined)?.sql;
  return typeof text !== "string" ? null : text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : text;
}
