import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Source } from "../../src/ports/source.ts";
import { run } from "../../test/services/launcher/process.ts";
import { guarded } from "../child.ts";
import { produceReadings } from "../data/produce-readings.ts";
import { PARTITIONS } from "../data/readings.ts";
import { openSource } from "../kafka.ts";
import { PATHS } from "../paths.ts";
import type { Figures, RunContext } from "../run.ts";
import { createTopics, deleteTopics } from "../topics.ts";
import { configText } from "./run-pipeline.ts";

const BIN = "bin/sluice.js";
const WAIT_MS_MAX = 60_000;
const MESSAGES = 20_000;

/** From the start of the process to the first closed window of the demo: embedded parts, and nothing there before. */
export function startDemo({ root }: RunContext): Promise<Figures> {
  const args = [join(root, BIN), ...demo(emptyFolder("start-demo"))];
  return firstResult(args, (child) => firstMatch(child.stderr, /^window .* closed/m));
}

/** From the start of the process to the first row of a query on embedded data. */
export async function startQuery({ root }: RunContext): Promise<Figures> {
  const data = emptyFolder("start-query");
  await run(process.execPath, [join(root, BIN), ...demo(data)]);
  const sql = "SELECT deviceId, temperature FROM temperatures WHERE temperature > 25 LIMIT 1";
  const args = [join(root, BIN), "query", sql, "--from", "earliest", "--data", data, "--config", join(root, "sluice.yaml")];
  return firstResult(args, (child) => firstMatch(child.stdout, /deviceId/));
}

/** From the start of the process to the first result in a topic of the broker: consumer group and state log included. */
export async function startKafka({ broker, root }: RunContext): Promise<Figures> {
  const [input, target] = ["bench_start_input", "bench_start"];
  const isOurs = (name: string): boolean => name === input || name === target || name.startsWith("sluice.bench-start");
  await deleteTopics(broker.address, isOurs);
  await createTopics(broker.address, [input], PARTITIONS);
  await createTopics(broker.address, [target], 1);
  const { source, close } = openSource(broker.address);
  const file = join(PATHS.projects, "start", `bench-start-${Date.now().toString(36)}.sql`);
  const config = join(PATHS.projects, "start", "sluice.yaml");
  try {
    await produceReadings(source, input, { messages: MESSAGES, devices: 10_000, perSecond: 2_000 }, () => undefined);
    mkdirSync(join(PATHS.projects, "start"), { recursive: true });
    writeFileSync(config, configText(broker.address, "platformatic"));
    writeFileSync(file, `INSERT INTO ${target} SELECT deviceId, ts, temperature FROM ${input} WHERE temperature > 25;\n`);
    const args = [join(root, BIN), "run", file, "--config", config, "--data", PATHS.scratch];
    return await firstResult(args, () => firstRecord(source, target));
  } finally {
    rmSync(file, { force: true });
    await close();
    await deleteTopics(broker.address, isOurs);
  }
}

/** Starts a process, waits for what it is to show, and ends it. */
async function firstResult(
  args: readonly string[],
  shown: (child: ChildProcessByStdio<null, Readable, Readable>) => Promise<void>,
): Promise<Figures> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  // What nobody looks at must not fill the pipes.
  child.stdout.resume();
  child.stderr.resume();
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const seconds = await guarded(child, async () => {
    try {
      await Promise.race([shown(child), ended.then(() => Promise.reject(new Error("ended before it gave a result")))]);
      return (performance.now() - began) / 1000;
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
  });
  const unknown = { cpuSeconds: null, startCpuSeconds: null, peakRssMb: null, brokerCpuSeconds: null, bytesIn: null };
  const unused = { otherCores: null, secondHalfRate: null, workCpuSeconds: null };
  return { messages: MESSAGES, seconds, processSeconds: seconds, results: 1, ...unknown, ...unused };
}

function firstMatch(stream: Readable, pattern: RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve) => {
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (pattern.test(text)) resolve();
    });
  });
}

async function firstRecord(source: Source, topic: string): Promise<void> {
  const reader = source.openPartition(topic, 0);
  const signal = AbortSignal.timeout(WAIT_MS_MAX);
  while ((await reader.fetch({ offset: 0, maxBytes: 1, waitMs: 1_000, signal })).batches.length === 0);
  await reader.close();
}

const demo = (data: string): readonly string[] => ["demo", "--messages", String(MESSAGES), "--exit", "--data", data];

function emptyFolder(name: string): string {
  const folder = join(PATHS.scratch, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}
