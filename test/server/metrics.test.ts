import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { lint, type MetricFamily, readExposition } from "./exposition.ts";
import { runningServer } from "./running-server.ts";

const NOON = Date.parse("2025-06-01T12:00:00Z");

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings WHERE temperature > 20 PK id;";
const HOURLY = `
  CREATE STREAM readings (id BIGINT, at BIGINT) WITH (timestamp = 'at', key = 'id');
  SET 'error.policy' = 'noop'; SET 'dead.letters' = 'elastic.refused'; SET 'commit.interval' = '10 ms';
  INSERT INTO elastic.hourly SELECT id, COUNT(*) AS n FROM readings GROUP BY id WINDOW TUMBLING (SIZE 1 HOUR) EMIT FINAL;`;

/** Ten readings of ten seconds, one that is no reading. */
const READINGS = [...Array.from({ length: 10 }, (_, id) => ({ id, at: NOON + id * 1_000, temperature: 15 + id })), { id: "?", at: NOON }];

function valueIn(families: readonly MetricFamily[], name: string, wanted: Readonly<Record<string, string>> = {}): number | undefined {
  const found = families
    .flatMap(({ series }) => series)
    .filter((one) => one.name === name && Object.entries(wanted).every(([label, value]) => one.labels[label] === value));
  if (found.length > 1) throw new Error(`${found.length} series of ${name}`);
  return found[0]?.value;
}

async function measured() {
  const running = await runningServer();
  const { request, produce, fleet } = running;
  await produce("readings", READINGS);
  for (const [name, text] of Object.entries({ hot: HOT, hourly: HOURLY }))
    expect(await request("PUT", `/v1/pipelines/${name}`, text)).toMatchObject({ status: 201 });
  const taken = (name: string) => fleet.status(name)?.statements[0]?.partitions[0]?.durable === READINGS.length;
  await until(() => taken("hot") && taken("hourly"), "the readings");
  const scrape = async () => readExposition((await request("GET", "/metrics")).body);
  return { ...running, scrape, families: await scrape() };
}

describe("metrics", () => {
  it("say what was done, in equations that hold", async () => {
    const { families } = await measured();
    const of = (name: string, labels: Readonly<Record<string, string>> = {}) => valueIn(families, `sluice_${name}`, labels);
    const hot = { pipeline: "hot", statement: "hot#1" };
    expect(of("pipeline_state", { pipeline: "hot", state: "running" })).toBe(1);
    expect(of("pipeline_state", { pipeline: "hot", state: "failed" })).toBe(0);
    expect(of("pipeline_messages_total", { pipeline: "hot" })).toBe(11);
    expect(of("pipeline_batch_seconds_count", { pipeline: "hot" })).toBeGreaterThan(0);
    expect(of("statement_in_total", hot)).toBe(11);
    expect(of("statement_records_total", { ...hot, outcome: "applied" })).toBe(4);
    expect(of("statement_records_total", { ...hot, outcome: "filtered" })).toBe(7);
    expect(of("statement_sent_total", hot)).toBe(4);
    expect(of("statement_changes_total", { ...hot, outcome: "written" })).toBe(4);
    expect(of("statement_lag_records", hot)).toBe(0);
    expect(of("statement_lag_seconds", hot)).toBe(0);
    expect(of("route_write_seconds_count", { ...hot, target: "elastic.hot", route: "target" })).toBeGreaterThan(0);
    expect(of("route_retries_total", hot)).toBe(0);
    expect(of("statement_watermark_delay_seconds", hot)).toBeUndefined();
  });

  it("say it of each partition, and of event time and state where there are any", async () => {
    const { families, scrape } = await measured();
    const place = { pipeline: "hourly", statement: "hourly#1", topic: "readings", partition: "0" };
    expect(valueIn(families, "sluice_partition_in_total", place)).toBe(11);
    expect(valueIn(families, "sluice_partition_records_total", { ...place, outcome: "dead_lettered" })).toBe(1);
    expect(valueIn(families, "sluice_partition_position", place)).toBe(11);
    expect(valueIn(families, "sluice_partition_durable_position", place)).toBe(11);
    expect(valueIn(families, "sluice_partition_lag_records", place)).toBe(0);
    expect(valueIn(families, "sluice_statement_state_size_bytes", { pipeline: "hourly" })).toBeGreaterThan(0);
    const delay = valueIn(families, "sluice_partition_watermark_delay_seconds", place) as number;
    expect(delay).toBeCloseTo((Date.now() - (NOON + 9_000)) / 1000, -2);
    const later = valueIn(await scrape(), "sluice_partition_watermark_delay_seconds", place) as number;
    expect(later).toBeGreaterThan(delay);
  });

  it("count requests by the pattern of their route", async () => {
    const { request, scrape } = await measured();
    for (const name of ["a", "b"]) await request("GET", `/v1/pipelines/${name}`);
    await request("GET", "/nowhere/at/all");
    const families = await scrape();
    const got = { method: "GET", route: "/v1/pipelines/:name" };
    expect(valueIn(families, "sluice_http_requests_total", { ...got, status: "404" })).toBe(2);
    expect(valueIn(families, "sluice_http_request_seconds_count", got)).toBe(2);
    expect(valueIn(families, "sluice_http_requests_total", { route: "none", status: "404" })).toBe(1);
    expect(families.flatMap(({ series }) => series).filter(({ labels }) => labels["route"]?.includes("nowhere"))).toEqual([]);
  });

  it("are named as Prometheus wants it", async () => {
    const { families } = await measured();
    expect(families.length).toBeGreaterThan(40);
    expect(families.flatMap(lint)).toEqual([]);
  });

  it("have names that the rules judge", () => {
    const family = (name: string, type: string): MetricFamily => ({ name, type, help: "x", series: [] });
    expect(lint(family("sluice_fine_total", "counter"))).toEqual([]);
    for (const [name, type] of [
      ["other_total", "counter"],
      ["sluice_missing", "counter"],
      ["sluice_wrong_total", "gauge"],
      ["sluice_wait_ms", "gauge"],
      ["sluice_a_gauge", "gauge"],
      ["sluice_camelCase", "gauge"],
      ["sluice_x_count", "gauge"],
    ] as const)
      expect(lint(family(name, type)), name).toHaveLength(1);
  });

  it("go with their pipeline", async () => {
    const { request, scrape } = await measured();
    await request("DELETE", "/v1/pipelines/hot");
    const left = (await scrape()).flatMap(({ series }) => series).map(({ labels }) => labels["pipeline"]);
    expect(new Set(left)).toEqual(new Set([undefined, "hourly"]));
  });
});
