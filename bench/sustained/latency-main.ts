import { parseArgs } from "node:util";
import { startBroker } from "../broker.ts";
import { exclusively } from "../exclusively.ts";
import { profileFlags } from "../profile/profile-flags.ts";
import { interruption } from "./interruption.ts";
import { KafkaControl } from "./kafka.ts";
import { LATENCY_CASES, type LatencyCase } from "./latency/cases.ts";
import { type LatencyResult, measureLatency } from "./latency/measure-latency.ts";
import { writeResult } from "./results.ts";

const HELP = `usage: npm run bench:latency -- [--case NAME]… [--rate N]… [--peak] [--seconds 30] [--warm-up 10]
                             [--broker HOST:PORT] [--cpu-prof]

From the timestamp of a record to the append of its result to the log of the result's topic, with default settings, at given rates
(10000, 50000, 115741 records a second). Records carry the wall clock of the moment in which they were made; how late that was is
shown beside it (late), and how long the generator's own writing took, which is part of the latency (produce).
${LATENCY_CASES.map(({ name, what }) => `\n  ${name.padEnd(10)} ${what}`).join("")}

  --peak      then higher rates by half each, until one is not kept up with
  --cpu-prof  profiles of the engine's threads, for npm run bench:profile
`;
const RATES = ["10000", "50000", "115741"];
const PEAK_FACTOR = 1.5;
/** A rate is kept up with when it was sent as wanted, and nothing waited for longer. */
const HELD_SHARE = 0.98;
const HELD_MS = 2_000;

const { values } = parseArgs({
  options: {
    case: { type: "string", multiple: true, default: LATENCY_CASES.map(({ name }) => name) },
    rate: { type: "string", multiple: true, default: RATES },
    peak: { type: "boolean", default: false },
    seconds: { type: "string", default: "30" },
    "warm-up": { type: "string", default: "10" },
    "cpu-prof": { type: "boolean", default: false },
    broker: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

async function main(): Promise<void> {
  const signal = interruption();
  const brokers = values.broker ?? (await startBroker((line) => console.log(line))).address;
  const control = new KafkaControl(brokers);
  const engineFlags = values["cpu-prof"] ? profileFlags() : [];
  const results: LatencyResult[] = [];
  const measure = async (which: LatencyCase, recordsPerSecond: number): Promise<LatencyResult> => {
    const times = { warmUpSeconds: Number(values["warm-up"]), seconds: Number(values.seconds) };
    const result = await measureLatency({ brokers, control, which, recordsPerSecond, devices: 10_000, engineFlags, signal, ...times });
    results.push(result);
    console.log(resultLine(result));
    return result;
  };
  console.log(HEADER);
  try {
    for (const which of LATENCY_CASES.filter(({ name }) => values.case.includes(name))) {
      let rate = 0;
      let isHeld = true;
      for (rate of values.rate.map(Number)) if (!signal.aborted) isHeld = wasHeld(await measure(which, rate));
      while (values.peak && isHeld && !signal.aborted) {
        rate = Math.round(rate * PEAK_FACTOR);
        isHeld = await measure(which, rate).then(wasHeld, notHeld(which.name, rate));
      }
    }
  } finally {
    await control.close();
    if (results.length > 0) console.log(`written to ${await writeResult("latency", { results })}`);
  }
}

/** Whoever falls behind beyond the retention of the topic fails. */
const notHeld =
  (name: string, rate: number) =>
  (error: unknown): boolean => {
    console.log(`${name.padEnd(10)}${String(rate).padStart(10)}  not kept up with: ${error instanceof Error ? error.message : error}`);
    return false;
  };

function wasHeld({ recordsPerSecond, wantedPerSecond, latencyMs }: LatencyResult): boolean {
  return recordsPerSecond >= wantedPerSecond * HELD_SHARE && latencyMs.max < HELD_MS;
}

const HEADER =
  "case         wanted/s  records/s    results      p50      p99    p99.9   max ms │  produce p99     late p99 │ cores: engine  generator";

function resultLine(result: LatencyResult): string {
  const { p50, p99, p999, max } = result.latencyMs;
  const rates = [result.wantedPerSecond, result.recordsPerSecond, result.results].map((value) => String(value).padStart(10));
  const latencies = [p50, p99, p999, max].map((value) => value.toFixed(0).padStart(8));
  const parts = [result.producedMs.p99, result.latenessMs.p99].map((value) => value.toFixed(1).padStart(13));
  const cores = [result.engineCores, result.generatorCores].map((value) => value.toFixed(2).padStart(11));
  const held = wasHeld(result) ? "" : "  not kept up with";
  return `${result.name.padEnd(10)}${rates.join(" ")}${latencies.join(" ")} │ ${parts.join("")} │ ${cores.join("")}${held}`;
}

try {
  if (values.help) console.log(HELP);
  else await exclusively(main);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
