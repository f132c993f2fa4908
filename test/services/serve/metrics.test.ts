import { afterAll, beforeAll, expect, it } from "vitest";
import { readExposition } from "../../server/exposition.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { kafkaToElastic } from "../kafka-to-elastic.ts";
import { describeWithAll } from "../needs.ts";

const START = Date.UTC(2026, 2, 1);
/** Records of each partition; every fifth is cold, and the last is late by an hour. */
const COUNTS = [50, 20, 5];

describeWithAll(["kafka", "elasticsearch"], "metrics on Kafka and Elasticsearch", ({ kafka, elasticsearch }) => {
  const admin = new ClusterAdmin(kafka.brokers);
  const elastic = new Scratch(elasticsearch.node);
  const project = new ServedProject({ "sluice.yaml": kafkaToElastic(kafka, elasticsearch) });
  const index = elastic.name("metrics");
  let topic = "";

  const produce = () =>
    admin.producer().send({
      messages: COUNTS.flatMap((count, partition) =>
        Array.from({ length: count }, (_, n) => ({
          topic,
          key: `d${partition}`,
          value: JSON.stringify({ device: `d${partition}`, temperature: n % 5 === 0 ? 0 : 20 }),
          timestamp: BigInt(START + (n === count - 1 ? -3_600_000 : n * 60_000)),
          headers: {},
          partition,
        })),
      ),
    });

  beforeAll(async () => {
    topic = await admin.createTopic("metrics", {}, COUNTS.length);
    await project.start();
  });

  afterAll(async () => {
    await project.client.request("DELETE", "/v1/pipelines/counts");
    await project.end("SIGINT");
    await project.close();
    await admin.deleteTopic(topic);
    await admin.close();
    await elastic.clean();
  });

  it("account for every record on each partition, over threads and a restart", { timeout: 120_000 }, async () => {
    const sql = `CREATE STREAM readings (device STRING, temperature BIGINT) WITH (topic = '${topic}', key = 'device');
SET 'parallelism' = 2; SET 'commit.interval' = '100 ms';
INSERT INTO \`${index}\` SELECT device, COUNT(*) AS n FROM readings WHERE temperature > 0
  GROUP BY device WINDOW TUMBLING (SIZE 1 MINUTE) AUTOCREATE;`;
    await project.client.request("PUT", "/v1/pipelines/counts", { sql });
    await produce();
    const series = async (name: string, outcome?: string) => {
      const { body } = await project.client.request<string>("GET", "/metrics");
      const found = readExposition(body).flatMap((family) => family.series.filter((one) => one.name === name));
      const chosen = found.filter(
        ({ labels }) => labels["pipeline"] === "counts" && (outcome === undefined || labels["outcome"] === outcome),
      );
      return chosen.sort((left, right) => Number(left.labels["partition"]) - Number(right.labels["partition"])).map(({ value }) => value);
    };
    const taken = (counts: readonly number[]) =>
      until(
        async () => String(await series("sluice_partition_durable_position")) === String(counts),
        `${counts}`,
        60_000,
        () => project.log,
        200,
      );
    await taken(COUNTS);

    expect(await series("sluice_partition_in_total")).toEqual(COUNTS);
    for (const outcome of ["applied", "filtered", "late", "dead_lettered"]) {
      const byPartition = await series("sluice_partition_records_total", outcome);
      const [sum] = await series("sluice_statement_records_total", outcome);
      expect(byPartition.reduce((total, count) => total + count, 0)).toBe(sum);
    }
    expect(await series("sluice_partition_records_total", "filtered")).toEqual([10, 4, 1]);
    expect(await series("sluice_partition_lag_records")).toEqual([0, 0, 0]);
    expect(await series("sluice_pipeline_messages_total")).toEqual([75]);
    const delays = await series("sluice_partition_watermark_delay_seconds");
    expect(delays).toHaveLength(3);
    expect((delays[2] as number) - (delays[0] as number)).toBeCloseTo((48 - 3) * 60, -1);
    expect((await series("sluice_statement_state_size_bytes"))[0]).toBeGreaterThan(0);
    const written = async () => (await series("sluice_statement_changes_total", "written"))[0] as number;
    const [writes] = await series("sluice_route_write_seconds_count");
    expect(writes).toBeGreaterThan(0);
    expect(await written()).toBeGreaterThan(0);
    expect(await series("sluice_route_retries_total")).toEqual([0]);

    await project.client.request("POST", "/v1/pipelines/counts/restart");
    await produce();
    await taken(COUNTS.map((count) => 2 * count));
    expect(await series("sluice_partition_in_total")).toEqual(COUNTS.map((count) => 2 * count));
  });
});
