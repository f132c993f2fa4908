import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kafka } from "../test/services/launcher/kafka/kafka.ts";
import { freePorts, HOST, isPortFree } from "../test/services/launcher/ports.ts";
import { isAlive, type ProcessIdentity, signalProcess, spawnDetached } from "../test/services/launcher/process.ts";
import type { Instance } from "../test/services/launcher/service.ts";
import { PATHS } from "./paths.ts";

export interface Broker {
  /** `host:port` */
  readonly address: string;
  /** null where the broker is not ours: then nothing is known of what it costs. */
  readonly pid: number | null;
  /** Started just now: caches and its JVM are cold. */
  readonly isFresh: boolean;
}

interface State {
  readonly ports: readonly [number, number];
  readonly process: ProcessIdentity | null;
}

const HEAP_MB = 1024;
/** Tests want to see compaction and retention soon; here they would take the engines' CPU. These are Kafka's defaults. */
const AS_IN_PRODUCTION = "log.cleaner.backoff.ms=15000\nlog.retention.check.interval.ms=300000\nlog.segment.delete.delay.ms=60000\n";
const READY_MS_MAX = 120_000;
const POLL_MS = 50;
const STATE_FILE = join(PATHS.broker, "state.json");

/** What this machine lacks for a broker of our own, or null. */
export const brokerMissing = (): Promise<string | null> => kafka.missing();

export const brokerVersion = kafka.version;

/** One real Kafka node with data of its own, started unless it runs. It stays until `stopBroker`. */
export async function startBroker(progress: (line: string) => void): Promise<Broker> {
  const known = readState();
  if (known?.process && isAlive(known.process)) {
    await untilReady(known, known.process);
    return { address: addressOf(known), pid: known.process.pid, isFresh: false };
  }
  progress(`starting Kafka ${kafka.version} (the first time Maven fetches it)`);
  mkdirSync(PATHS.broker, { recursive: true });
  await kafka.install(PATHS.shared);
  const ports = await portsOf(known);
  const instance = describe(ports);
  await kafka.prepare(instance);
  appendFileSync(join(instance.directory, "server.properties"), AS_IN_PRODUCTION);
  const process = await spawnDetached(await kafka.command(instance), instance.directory, instance.log);
  const state = { ports, process };
  writeFileSync(STATE_FILE, JSON.stringify(state));
  await untilReady(state, process);
  progress(`Kafka is ready on ${addressOf(state)}, process ${process.pid}`);
  return { address: addressOf(state), pid: process.pid, isFresh: true };
}

/** Orderly; false when it was not running. */
export async function stopBroker(): Promise<boolean> {
  const state = readState();
  if (!state?.process || !isAlive(state.process)) return false;
  signalProcess(state.process, "SIGTERM");
  const deadline = Date.now() + kafka.stopMs;
  while (isAlive(state.process)) {
    if (Date.now() > deadline) signalProcess(state.process, "SIGKILL");
    await sleep(POLL_MS);
  }
  writeFileSync(STATE_FILE, JSON.stringify({ ...state, process: null }));
  return true;
}

/** Deletes all that the broker keeps. */
export async function wipeBroker(): Promise<void> {
  await stopBroker();
  rmSync(PATHS.broker, { recursive: true, force: true });
}

function readState(): State | null {
  return existsSync(STATE_FILE) ? (JSON.parse(readFileSync(STATE_FILE, "utf8")) as State) : null;
}

/** The data remembers the address that it had, as long as that is free. */
async function portsOf(known: State | null): Promise<readonly [number, number]> {
  if (known !== null && (await isPortFree(known.ports[0])) && (await isPortFree(known.ports[1]))) return known.ports;
  return freePorts();
}

function describe(ports: readonly [number, number]): Instance {
  const directory = PATHS.broker;
  const files = { directory, data: join(directory, "data"), log: join(directory, "log.txt"), shared: PATHS.shared };
  return { service: "kafka", ports, heapMb: HEAP_MB, ...files };
}

async function untilReady(state: State, process: ProcessIdentity): Promise<void> {
  const instance = describe(state.ports);
  const deadline = Date.now() + READY_MS_MAX;
  while (!(await kafka.ready(instance, process.pid).catch(() => false))) {
    if (!isAlive(process)) throw new Error(`the broker ended before it was ready; see ${instance.log}`);
    if (Date.now() > deadline) throw new Error(`the broker was not ready in time; see ${instance.log}`);
    await sleep(POLL_MS);
  }
}

const addressOf = (state: State): string => `${HOST}:${state.ports[0]}`;
