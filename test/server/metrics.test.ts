import { describe, expect, it } from "vitest";
import { lint, type MetricFamily } from "./exposition.ts";
import { measuredServer, NOON } from "./measured-server.ts";

function valueIn(families: readonly MetricFamily[], name: string, wanted: Readonly<Record<string, string>> = {}): number | undefined {
  const found = families
    .flatMap(({ series }) => series)
    .filter((one) => one.name === name && Object.entries(wanted).every(([label, value]) => one.labels[label] === value));
  if (found.length > 1) throw new Error(`${found.length} series of ${name}`);
  return found[0]?.value;
}

describe("metrics", () => {
  it("say what was done, in equations that hold", async () => {
    const { families } = await measuredServer();
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
    const { families, scrape } = await measuredServer();
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
    const { request, scrape } = await measuredServer();
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
    const { families } = await measuredServer();
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
    const { request, scrape } = await measuredServer();
    await request("DELETE", "/v1/pipelines/hot");
    const left = (await scrape()).flatMap(({ series }) => series).map(({ labels }) => labels["pipeline"]);
    expect(new Set(left)).toEqual(new Set([undefined, "hourly"]));
  });
});
