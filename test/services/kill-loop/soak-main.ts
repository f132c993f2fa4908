import { runKillLoop, VICTIMS } from "./kill-loop-run.ts";

/**
 * The main job over `READINGS` readings (1,000,000) in two processes that share its partitions, which are killed at random moments that
 * follow from `SEED`: the first `KILLS` times (20), the second `KILLS_SECOND` times (4), Kafka, Elasticsearch and Cassandra `KILLS_STORES`
 * times each (3). Prints times and counts; exits with 1 where something is not as without kills.
 */
async function soak(): Promise<number> {
  const given = (name: string, initially: number): number => Number(process.env[name] ?? initially);
  const seed = given("SEED", Math.floor(Math.random() * 2 ** 31));
  const ofStore = given("KILLS_STORES", 3);
  const report = await runKillLoop({
    readings: given("READINGS", 1_000_000),
    kills: {
      ...{ "worker 1": given("KILLS", 20), "worker 2": given("KILLS_SECOND", 4) },
      ...{ kafka: ofStore, elasticsearch: ofStore, cassandra: ofStore },
    },
    devices: given("DEVICES", 10_000),
    seed,
    localDataCenter: "datacenter1",
    tell: (text) => process.stdout.write(`${text}\n`),
  });
  const { seconds, kills, readings, windows, repeatedResults, aggregate, wrong } = report;
  const lines = [
    `seed ${seed}: ${readings} readings, ${windows} windows, ${seconds.toFixed(0)} s`,
    `killed at random moments: ${VICTIMS.map((victim) => `${victim} ${kills[victim]} times`).join(", ")}`,
    `results that were written again: ${repeatedResults}`,
    `aggregate: ${aggregate.in} in, ${aggregate.applied} applied, ${aggregate.late} late, ${aggregate.deadLettered} dead letters`,
    wrong.length === 0 ? "topic, both indexes and the table are row for row what DuckDB makes of the readings" : wrong.join("\n"),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return wrong.length === 0 ? 0 : 1;
}

process.exitCode = await soak();
