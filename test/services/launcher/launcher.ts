import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cassandra } from "./cassandra/cassandra.ts";
import { elasticsearch } from "./elasticsearch/elasticsearch.ts";
import { kafka } from "./kafka/kafka.ts";
import { withLock } from "./lock.ts";
import { freePorts, HOST, isPortFree } from "./ports.ts";
import { isAlive, ownIdentity, type ProcessIdentity, signalProcess, spawnDetached } from "./process.ts";
import type { Instance, Service, ServiceName } from "./service.ts";

export const SERVICES: Readonly<Record<ServiceName, Service>> = { kafka, elasticsearch, cassandra };

/** `.services` of this checkout. */
export const SERVICES_DIRECTORY = resolve(import.meta.dirname, "../../../.services");

const READY_MS_MAX = 180_000;
const POLL_MS = 50;

export interface LaunchOptions {
  /**
   * Which instance: a folder, below `.services` unless the path is absolute; the service's own name by default. Tests that kill
   * a service have an instance of their own.
   */
  readonly instance?: string;
  readonly port?: number;
  /** Of a Kafka or a Cassandra that is started: its own settings, in the place of ours or beside them; Cassandra's are JSON. */
  readonly settings?: Readonly<Record<string, string>>;
  /** `ensure` only: leave it running as if a person had started it. */
  readonly keep?: boolean;
  /** Lines for people who wait. */
  readonly progress?: (line: string) => void;
}

export interface Running {
  readonly service: ServiceName;
  readonly address: string;
  readonly pid: number;
  readonly ready: boolean;
}

/** What is kept of an instance in its `state.json`. */
interface State {
  readonly ports: readonly [number, number];
  readonly process: ProcessIdentity | null;
  /** Started by a person: no test run stops it. */
  readonly kept: boolean;
  /** Test runs that use it; the last one to go stops it. */
  readonly users: readonly ProcessIdentity[];
}

/** Why this machine cannot run the service, or null. */
export function missingFor(service: ServiceName): Promise<string | null> {
  return SERVICES[service].missing();
}

/** Starts the instance unless it runs already, waits until it serves, and leaves it running. */
export function start(service: ServiceName, options: LaunchOptions = {}): Promise<Running> {
  return launch(service, options, (state) => ({ ...state, kept: true }));
}

/** As `start`, for as long as somebody uses it: `release` by the last user stops what no person started. */
export function ensure(service: ServiceName, options: LaunchOptions = {}): Promise<Running> {
  return launch(service, options, (state) => ({
    ...state,
    kept: state.kept || options.keep === true,
    users: [...othersOf(state), ownIdentity()],
  }));
}

export async function release(service: ServiceName, instance: string = service): Promise<void> {
  await withLock(lockFile(instance), async () => {
    const state = readState(instance);
    if (state === null) return;
    const users = othersOf(state);
    writeState(instance, { ...state, users });
    if (users.length === 0 && !state.kept) await end(service, instance, "SIGTERM");
  });
}

/** Orderly stop; false when it was not running. */
export function stop(service: ServiceName, instance: string = service): Promise<boolean> {
  return withLock(lockFile(instance), () => end(service, instance, "SIGTERM"));
}

/** SIGKILL, as in a crash: data and address stay. False when it was not running. */
export function kill(service: ServiceName, instance: string = service): Promise<boolean> {
  return withLock(lockFile(instance), () => end(service, instance, "SIGKILL"));
}

/** Kills the instance and deletes all that it kept. */
export function wipe(service: ServiceName, instance: string = service): Promise<void> {
  return withLock(lockFile(instance), async () => {
    await end(service, instance, "SIGKILL");
    rmSync(directoryOf(instance), { recursive: true, force: true });
  });
}

/** null when it is not running. */
export async function status(service: ServiceName, instance: string = service): Promise<Running | null> {
  const state = readState(instance);
  if (!state?.process || !isAlive(state.process)) return null;
  const ready = await isReady(SERVICES[service], describe(service, instance, state), state.process.pid);
  return running(service, state, state.process, ready);
}

function launch(service: ServiceName, options: LaunchOptions, take: (state: State) => State): Promise<Running> {
  const name = options.instance ?? service;
  const progress = options.progress ?? (() => undefined);
  return withLock(lockFile(name), async () => {
    const known = readState(name);
    const alive = known?.process && isAlive(known.process);
    if (alive && options.port !== undefined && options.port !== known.ports[0]) {
      throw new Error(`${name} is running already on port ${known.ports[0]}; stop it first`);
    }
    const state = take(alive ? known : await begin(service, name, known, options, progress));
    writeState(name, state);
    const process = state.process as ProcessIdentity;
    await waitUntilReady(service, name, state, process);
    if (!alive) progress(`${name} is ready on ${HOST}:${state.ports[0]}`);
    return running(service, state, process, true);
  });
}

async function begin(
  service: ServiceName,
  name: string,
  known: State | null,
  { port, settings = {} }: LaunchOptions,
  progress: (line: string) => void,
): Promise<State> {
  const definition = SERVICES[service];
  const missing = await definition.missing();
  if (missing !== null) throw new Error(`${service} cannot run here: ${missing}`);
  const shared = join(SERVICES_DIRECTORY, "shared");
  mkdirSync(directoryOf(name), { recursive: true });
  const ports = await choosePorts(known, port);
  progress(`${name}: starting ${service} ${definition.version}`);
  // Maven's repository is not made for several writers.
  await withLock(join(SERVICES_DIRECTORY, "install.lock"), () => definition.install(shared));
  const idle: State = { ports, process: null, kept: false, users: [] };
  const instance = { ...describe(service, name, idle), settings };
  await definition.prepare(instance);
  const process = await spawnDetached(await definition.command(instance), instance.directory, instance.log);
  return { ...idle, process };
}

async function choosePorts(known: State | null, port: number | undefined): Promise<readonly [number, number]> {
  const wanted = port !== undefined ? ([port, port + 1] as const) : known?.ports;
  if (wanted === undefined) return freePorts();
  if ((await isPortFree(wanted[0])) && (await isPortFree(wanted[1]))) return wanted;
  if (port !== undefined) throw new Error(`port ${port} or ${port + 1} is in use on ${HOST}`);
  return freePorts();
}

async function waitUntilReady(service: ServiceName, name: string, state: State, process: ProcessIdentity): Promise<void> {
  const instance = describe(service, name, state);
  const deadline = Date.now() + READY_MS_MAX;
  while (!(await isReady(SERVICES[service], instance, process.pid))) {
    const reason = !isAlive(process) ? "ended before it was ready" : Date.now() > deadline ? "was not ready in time" : null;
    if (reason !== null) throw new Error(`${name} ${reason}; the end of ${instance.log}:\n${tail(instance.log)}`);
    await sleep(POLL_MS);
  }
}

async function end(service: ServiceName, name: string, signal: "SIGTERM" | "SIGKILL"): Promise<boolean> {
  const state = readState(name);
  if (!state?.process || !isAlive(state.process)) return false;
  signalProcess(state.process, signal);
  const deadline = Date.now() + SERVICES[service].stopMs;
  while (isAlive(state.process)) {
    if (Date.now() > deadline) signalProcess(state.process, "SIGKILL");
    await sleep(POLL_MS);
  }
  writeState(name, { ...state, process: null, kept: false });
  return true;
}

async function isReady(definition: Service, instance: Instance, pid: number): Promise<boolean> {
  try {
    return await definition.ready(instance, pid);
  } catch {
    return false;
  }
}

function othersOf(state: State): readonly ProcessIdentity[] {
  return state.users.filter((user) => user.pid !== process.pid && isAlive(user));
}

function running(service: ServiceName, state: State, identity: ProcessIdentity, ready: boolean): Running {
  return { service, address: `${HOST}:${state.ports[0]}`, pid: identity.pid, ready };
}

function describe(service: ServiceName, name: string, state: State): Instance {
  const directory = directoryOf(name);
  return {
    service,
    directory,
    data: join(directory, "data"),
    log: join(directory, "log.txt"),
    shared: join(SERVICES_DIRECTORY, "shared"),
    ports: state.ports,
  };
}

const directoryOf = (name: string): string => resolve(SERVICES_DIRECTORY, name);
const lockFile = (name: string): string => `${directoryOf(name)}.lock`;
const stateFile = (name: string): string => join(directoryOf(name), "state.json");

function readState(name: string): State | null {
  const file = stateFile(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as State) : null;
}

/** Whoever reads without the lock sees the old state or the new one, never half of it. */
function writeState(name: string, state: State): void {
  const file = stateFile(name);
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function tail(file: string): string {
  return readFileSync(file, "utf8").split("\n").slice(-30).join("\n");
}
