import { join } from "node:path";
import type { InjectOptions } from "fastify";
import { onTestFinished } from "vitest";
import { RotatingLines } from "../../src/adapters/file/rotating-lines.ts";
import { ownStatuses } from "../../src/fleet/shared-statuses.ts";
import { environment } from "../../src/project/environment.ts";
import type { Environment } from "../../src/runtime/environment.ts";
import { inThisThread } from "../../src/runtime/pipeline-thread.ts";
import { type CreateServerOptions, createServer } from "../../src/server/create-server.ts";
import type { ServerConfig } from "../../src/server/server-config.ts";
import type { ServerContext } from "../../src/server/server-context.ts";
import { runningFleet } from "../fleet/running-fleet.ts";

/** A server on embedded parts, listening on a free port of loopback. */
export async function runningServer(
  config: ServerConfig = {},
  tls: CreateServerOptions["tls"] = null,
  folder?: string,
  env: Environment = environment,
) {
  const running = await runningFleet(folder, inThisThread(env));
  const { project, deployments, fleet } = running;
  const drain = new AbortController();
  const context: ServerContext = {
    project,
    deployments,
    fleet,
    statuses: ownStatuses(fleet),
    env,
    startThread: inThisThread(env),
    draining: drain.signal,
  };
  const audit = new RotatingLines(join(project.dataDirectory, "audit.log"), { bytesMax: 1 << 20, filesMax: 2 });
  const server = await createServer(context, { version: "0.0.0", logger: null, config, audit, tls });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    drain.abort();
    await server.close();
    await audit.close();
  });
  /** Status, headers and body of a request; JSON is read. */
  const request = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const isText = typeof body === "string";
    const type: Record<string, string> = body === undefined ? {} : { "content-type": isText ? "application/sql" : "application/json" };
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...type, ...headers },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = /[/+]json\b/.test(answer.headers.get("content-type") ?? "");
    // biome-ignore lint/suspicious/noExplicitAny: what a test expects of a body is checked by its matchers
    return { status: answer.status, headers: answer.headers, body: (isJson && text !== "" ? JSON.parse(text) : text) as any };
  };
  return { ...running, server, url, request, drain, inject: (options: InjectOptions) => server.inject(options) };
}
