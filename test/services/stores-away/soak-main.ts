import { isMemoryFlat } from "../../../bench/sustained/measure/trend.ts";
import type { PhaseLag } from "../isolation/lag-samples.ts";
import { ensure, release, wipe } from "../launcher/launcher.ts";
import { type Outage, type OutageReport, runStoresAway } from "./away-run.ts";
import { STORES, type StoreName } from "./store-probes.ts";

const LAG_SECONDS_MAX = 2;

/**
 * `RATE` readings a second (1000) to an index and a table by one poll, while Elasticsearch is stopped for `AWAY` seconds (120), then
 * Cassandra; with `HOW=hung` they take connections and do not answer, with `HOW=both` one after the other. `CALM` seconds (20) lie between.
 * Prints the lag of the other store, how long catching up took, and the server's memory; exits with 1 where the other was 2 s behind, memory
 * has grown by a tenth, or something is not as a plain computation makes it.
 */
async function soak(): Promise<number> {
  const given = (name: string, initially: number): number => Number(process.env[name] ?? initially);
  const how = process.env["HOW"] ?? "stopped";
  const ways = how === "both" ? (["stopped", "hung"] as const) : [how === "hung" ? ("hung" as const) : ("stopped" as const)];
  const awayMs = given("AWAY", 120) * 1000;
  const instanceOf = (store: StoreName): string => `${store}-away`;
  const kafka = process.env["SLUICE_TEST_KAFKA"] ?? (await ensure("kafka")).address;
  const addresses = await Promise.all(STORES.map(async (store) => (await ensure(store, { instance: instanceOf(store) })).address));
  const [elasticsearch, cassandra] = addresses as [string, string];
  try {
    const report = await runStoresAway({
      brokers: kafka.split(","),
      stores: {
        elasticsearch: { address: `http://${elasticsearch}`, instance: instanceOf("elasticsearch") },
        cassandra: { address: cassandra, instance: instanceOf("cassandra") },
      },
      localDataCenter: "datacenter1",
      rate: given("RATE", 1000),
      calmMs: given("CALM", 20) * 1000,
      awayMs,
      outages: ways.flatMap((way) => STORES.map((store): Outage => ({ store, how: way }))),
      tell: (text) => process.stdout.write(`${text}\n`),
    });
    for (const outage of report.outages) print(outage, awayMs);
    const { wrong, status, readings } = report;
    const lines = [
      `${readings} readings, ${status.restarts} restarts ${JSON.stringify(status.failures)}`,
      wrong.length === 0 ? "both stores hold what a plain computation makes of the readings, row for row" : wrong.join("\n"),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    const isCalm = ({ lag, memory }: OutageReport): boolean =>
      lag.away.max < LAG_SECONDS_MAX && lag.after.max < LAG_SECONDS_MAX && isMemoryFlat(memory, awayMs / 1000) !== false;
    return wrong.length === 0 && status.failures.length === 0 && report.outages.every(isCalm) ? 0 : 1;
  } finally {
    for (const store of STORES) await wipe(store, instanceOf(store));
    if (process.env["SLUICE_TEST_KAFKA"] === undefined) await release("kafka");
  }
}

function print({ store, how, lag, catchUpSeconds, memory }: OutageReport, awayMs: number): void {
  const line = (name: string, { median, p95, max, samples }: PhaseLag): string =>
    `  ${name.padEnd(7)} median ${median.toFixed(3)} s, 95 % ${p95.toFixed(3)} s, most ${max.toFixed(3)} s, ${samples} samples`;
  const { median, max, growth } = memory;
  const lines = [
    `${store} ${how} for ${awayMs / 1000} s; lag of the other store:`,
    line("before", lag.before),
    line("away", lag.away),
    line("after", lag.after),
    `  caught up ${catchUpSeconds.toFixed(1)} s after its return`,
    `  memory while it was away: median ${median.toFixed(0)} MB, most ${max.toFixed(0)} MB, trend ${growth.toFixed(1)} MB`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

process.exitCode = await soak();
