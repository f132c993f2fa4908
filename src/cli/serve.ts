import { mkdir, readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { type Command, InvalidArgumentError } from "commander";
import { RotatingLines } from "../adapters/file/rotating-lines.ts";
import { SluiceError } from "../errors.ts";
import { Deployments } from "../fleet/deployments.ts";
import { Fleet } from "../fleet/fleet.ts";
import { ownStatuses, SharedStatuses, type SharedStatusesOptions } from "../fleet/shared-statuses.ts";
import { LIMITS } from "../limits.ts";
import type { StatusLog } from "../ports/status-log.ts";
import { environment } from "../project/environment.ts";
import { openCatalogLogs } from "../project/open-catalog-logs.ts";
import { reasonOf } from "../project/source-text.ts";
import { inWorkers, type WorkerOptions } from "../project/worker-threads.ts";
import { inThisThread } from "../runtime/pipeline-thread.ts";
import { type CreateServerOptions, createServer } from "../server/create-server.ts";
import { logEvents } from "../server/log-events.ts";
import { isLoopback } from "../server/own-names.ts";
import { readServerConfig, type ServerConfig, sharedCatalog } from "../server/server-config.ts";
import { defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { createLogger, logLevelOption } from "./create-logger.ts";
import { onInterruption } from "./interruption.ts";
import { counted } from "./output.ts";
import { packageVersion } from "./package-root.ts";

interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
}

export function serveCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("serve", "serves a project: pipelines by REST, kept and run until Ctrl-C")
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--port <number>", "0: any that is free", port, 8080)
    .addOption(logLevelOption())
    .addHelpText(
      "after",
      examples("sluice serve", "curl -X PUT --data-binary @hot.sql -H 'content-type: application/sql' localhost:8080/v1/pipelines/hot"),
    );
  return defineCommand<[], ServeOptions>(command, setExitCode, async ({ host, port: wanted, logLevel, ...options }) => {
    const logger = createLogger(logLevel);
    const project = await openProjectOf(options);
    const config = readServerConfig(project.config, process.env);
    refuseOpenServer(host, config);
    const tls = await readCertificates(project.root, config);
    const { clock } = environment;
    const onTrouble = (connection: string, message: string): void => logger.warn({ connection }, message);
    const logs = await openCatalogLogs(project, environment, sharedCatalog(config), onTrouble);
    const deployments = await Deployments.open(logs.catalog, clock);
    for (const { place, problem, keptAs } of deployments.damages)
      logger.error(`the catalog is damaged: ${place} ${problem}${keptAs === null ? "" : `; what was there is kept: ${keptAs}`}`);
    const fleet = new Fleet(deployments, { project, env: environment, startThread: inWorkers(threadOptions(config)) });
    const shared = sharedStatuses(logs.statuses, { fleet, deployments, env: environment, onTrouble: (message) => logger.warn(message) });
    const draining = new AbortController();
    const context = {
      project,
      deployments,
      fleet,
      statuses: shared ?? ownStatuses(fleet),
      env: environment,
      startThread: inThisThread(environment),
      draining: draining.signal,
    };
    // A catalog in Kafka has made no folder.
    await mkdir(project.dataDirectory, { recursive: true });
    const audit = new RotatingLines(join(project.dataDirectory, "audit.log"), {
      bytesMax: LIMITS.auditBytesMax,
      filesMax: LIMITS.auditFilesMax,
    });
    const server = await createServer(context, { version: packageVersion(), logger, config, audit, tls });
    const { promise: stopped, resolve: stop } = Promise.withResolvers<number>();
    const interruption = onInterruption(stop, (text) => logger.info(text));
    const closed = new AbortController();
    const logged = logEvents(fleet.events, logger, clock, closed.signal);
    const serves = `serves ${counted(deployments.list().length, "pipeline")}; its interface: /docs`;
    let lost: Error | null = null;
    void deployments.failed.then((error) => {
      lost = error;
      stop(DRAIN_MS);
    });
    let withinMs = 0;
    try {
      await server.listen({ host, port: wanted, listenTextResolver: (url) => `${url} ${serves}` }).catch((error) => {
        throw cannotListen(error, host, wanted);
      });
      const { port: taken } = server.server.address() as AddressInfo;
      shared?.begin(`${hostname()}:${taken}`);
      withinMs = await stopped;
    } finally {
      draining.abort();
      await fleet.close(withinMs);
      await shared?.close();
      closed.abort();
      await logged;
      await server.close();
      await audit.close();
      await deployments.close();
      interruption.dispose();
    }
    // Who starts it again makes it follow the catalog again.
    if (lost !== null) throw lost;
    return 0;
  });
}

/** null: there are no other servers. */
function sharedStatuses(log: StatusLog | null, options: Omit<SharedStatusesOptions, "log">): SharedStatuses | null {
  return log === null ? null : new SharedStatuses({ ...options, log });
}

function threadOptions({ threads = {} }: ServerConfig): Partial<WorkerOptions> {
  const { "heap.mb": heapMbMax = LIMITS.threadHeapMbMax, "buffers.mb": buffersMbMax = LIMITS.threadBuffersMbMax } = threads;
  return { heapMbMax, buffersMbMax, silentMsMax: threads["silent.ms"] ?? LIMITS.threadSilentMsMax };
}

/** For what is under way where nobody said how long it may take. */
const DRAIN_MS = 30_000;

function cannotListen({ code, message }: NodeJS.ErrnoException, host: string, wanted: number): SluiceError {
  const what = code === "EADDRINUSE" ? `port ${wanted} of ${host} is taken` : `cannot listen on port ${wanted} of ${host}: ${message}`;
  return new SluiceError("USAGE", what, { hint: "--port takes another one, 0 any that is free" });
}

/** Who can reach the server from elsewhere has to say who he is. */
function refuseOpenServer(host: string, { auth }: ServerConfig): void {
  if (auth !== undefined || isLoopback(host)) return;
  const hint = "server.auth in sluice.yaml says who may; docs/operations/security.md";
  throw new SluiceError("USAGE", `without authentication sluice serves this machine alone, not ${host}`, { hint });
}

async function readCertificates(root: string, { tls }: ServerConfig): Promise<CreateServerOptions["tls"]> {
  if (tls === undefined) return null;
  const read = (file: string): Promise<Buffer> =>
    readFile(resolve(root, file)).catch((error: unknown) => {
      throw new SluiceError("FILE_UNREADABLE", `cannot read ${resolve(root, file)}: ${reasonOf(error)}`, { cause: error });
    });
  const ca = tls["client.ca"];
  const files = { cert: await read(tls.cert), key: await read(tls.key), clientCa: ca === undefined ? null : await read(ca) };
  try {
    createSecureContext({ cert: files.cert, key: files.key, ...(files.clientCa === null ? {} : { ca: files.clientCa }) });
  } catch (error) {
    const hint = "cert and client.ca are certificates in PEM, key is the private key of cert";
    throw new SluiceError("CONFIG_INVALID", `server.tls cannot be used: ${(error as Error).message}`, { hint, cause: error });
  }
  return files;
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return value;
}
