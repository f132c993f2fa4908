import { parseArgs } from "node:util";
import { exclusively } from "../exclusively.ts";
import { profileFlags } from "../profile/profile-flags.ts";
import { interruption } from "./interruption.ts";
import { Job, type Verification } from "./job/job.ts";
import { observe, printer, SAMPLE_HEADER } from "./job/observe.ts";
import { Sampler } from "./job/sampler.ts";
import { startServices, stopServices } from "./job/services.ts";
import { bottleneckOf, isKeptUpWith, type LoadSummary, summarizeLoad } from "./job/summary.ts";
import { findPeak } from "./peak.ts";
import { writeResult } from "./results.ts";

const HELP = `usage: npm run bench:sustained -- [--minutes 10] [--rate 115741] [--devices 10000] [--peak]

The whole job on real services: readings → windows of a minute per device → topic → Elasticsearch and Cassandra, with the wall
clock as event time. Every 5 seconds a line; at the end everything is compared with what was sent. Ctrl-C ends it early, in order.

  --minutes N        how long (10)
  --rate N           readings a second (115741: 10 billion a day)
  --devices N        (10000)
  --peak             afterwards: raises the rate in steps until it is not kept up with
  --step-seconds N   of a step (70, so that each sees a minute end)
  --cpu-prof         profiles of the engine's threads, for npm run bench:profile
  --keep             leaves Elasticsearch and Cassandra running
`;

/** Compilation, caches, and the first windows. */
const WARM_UP_SECONDS = 10;
const RETENTION_BYTES = 2 * 2 ** 30;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    rate: { type: "string", default: "115741" },
    devices: { type: "string", default: "10000" },
    peak: { type: "boolean", default: false },
    "step-seconds": { type: "string", default: "70" },
    "cpu-prof": { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

async function main(): Promise<number> {
  const signal = interruption();
  const services = await startServices((line) => console.log(line));
  const engineFlags = values["cpu-prof"] ? profileFlags() : [];
  const job = await Job.start({ services, devices: Number(values.devices), retentionBytes: RETENTION_BYTES, engineFlags });
  try {
    return await run(job, new Sampler(job, services), signal);
  } finally {
    await job.dispose();
    if (!values.keep) await stopServices();
  }
}

async function run(job: Job, sampler: Sampler, signal: AbortSignal): Promise<number> {
  const rate = Number(values.rate);
  job.generator.setRate(rate);
  console.log(SAMPLE_HEADER);
  const samples = await observe(job, sampler, Number(values.minutes) * 60, signal, printer());
  const load = summarizeLoad(rate, samples.slice(WARM_UP_SECONDS));
  const steps = values.peak ? await findPeak({ job, sampler, signal, stepSeconds: Number(values["step-seconds"]), from: rate }) : [];
  const { totals: _, ...verification } = await job.finish();
  const events = [...job.engine.events].map(([text, count]) => `${text} (${count} ×)`);
  report(load, verification, events);
  if (steps.length > 0) reportPeak(steps);
  console.log(`written to ${await writeResult("sustained", { load, steps, verification, events, samples })}`);
  return isKeptUpWith(load) && isExact(verification) ? 0 : 1;
}

function isExact({ differences, windows }: Verification): boolean {
  return windows > 0 && Object.values(differences).every(({ length }) => length === 0);
}

function report(load: LoadSummary, verification: Verification, events: readonly string[]): void {
  const { recordsPerSecond, lag, windowsLag, memoryMb } = load;
  const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
  const cores = Object.entries(load.cores).map(([name, used]) => `${name} ${used?.toFixed(2) ?? "-"}`);
  if (load.otherCores !== null) cores.push(`others ${load.otherCores.toFixed(2)}`);
  const held = load.isHeld ? "held" : "NOT held";
  const exact = isExact(verification) ? "topic, Elasticsearch and Cassandra have each of them, right" : "NOT exact";
  const lines = [
    "",
    `${whole(recordsPerSecond)} records/s of ${whole(load.wantedPerSecond)} over ${load.seconds.toFixed(0)} s: ${held}`,
    `lag     median ${whole(lag.median)}, highest ${whole(lag.max)}, trend ${whole(lag.slope)} records/s: ${flatText(load.isLagFlat)}`,
    `        of the windows' topic: median ${whole(windowsLag.median)}, highest ${whole(windowsLag.max)}`,
    `cores   ${cores.join(", ")}; ${load.engineCpuMicrosARecord.toFixed(2)} µs of the engine a record`,
    `memory  median ${whole(memoryMb.median)} MB, highest ${whole(memoryMb.max)} MB,` +
      ` trend ${load.memoryMbAMinute.toFixed(2)} MB a minute: ${flatText(load.isMemoryFlat)}`,
    `exact   ${whole(verification.sent)} readings sent, ${whole(verification.windows)} windows closed: ${exact}`,
    ...Object.entries(verification.differences).flatMap(([place, found]) => found.map((line) => `        ${place}: ${line}`)),
    ...events.slice(-EVENTS_SHOWN).map((line) => `event   ${line}`),
  ];
  console.log(lines.join("\n"));
}

const EVENTS_SHOWN = 10;

function flatText(isFlat: boolean | null): string {
  return isFlat === null ? "too short a time to tell" : isFlat ? "flat" : "NOT flat";
}

function reportPeak(steps: readonly LoadSummary[]): void {
  const held = steps.filter(isKeptUpWith);
  const most = Math.max(0, ...held.map((step) => step.recordsPerSecond));
  console.log(`peak    ${Math.round(most).toLocaleString("en-US")} records/s were kept up with`);
  const limit = steps.filter((step) => !isKeptUpWith(step)).sort((a, b) => a.wantedPerSecond - b.wantedPerSecond)[0] ?? steps.at(-1);
  if (limit !== undefined) console.log(`limit   at ${limit.wantedPerSecond.toLocaleString("en-US")}: ${bottleneckOf(limit)}`);
}

try {
  if (values.help) console.log(HELP);
  else process.exitCode = await exclusively(main);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
