import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings WHERE temperature > 20 PK id;";

describe("metrics", () => {
  it("are the pipelines' own counters, in equations that hold", async () => {
    const { request, produce, fleet } = await runningServer();
    await request("PUT", "/v1/pipelines/hot", HOT);
    await produce(
      "readings",
      [25, 10, 30].map((temperature, id) => ({ id, temperature })),
    );
    await until(() => fleet.status("hot")?.statements[0]?.counters.written === 2, "the documents");
    const { body, headers } = await request("GET", "/metrics");
    expect(headers.get("content-type")).toContain("text/plain");
    const value = (series: string) =>
      Number(
        body
          .split("\n")
          .find((line: string) => line.startsWith(`${series} `))
          ?.split(" ")[1],
      );
    const labels = 'pipeline="hot",statement="hot#1"';
    expect(value(`sluice_statement_in_total{${labels}}`)).toBe(3);
    expect(value(`sluice_statement_records_total{${labels},outcome="applied"}`)).toBe(2);
    expect(value(`sluice_statement_records_total{${labels},outcome="filtered"}`)).toBe(1);
    expect(value(`sluice_statement_changes_total{${labels},outcome="written"}`)).toBe(2);
    expect(value(`sluice_statement_lag_records{${labels},target="elastic.hot"}`)).toBe(0);
    expect(value('sluice_pipeline_state{pipeline="hot",state="running"}')).toBe(1);
    const names = body.split("\n").filter((line: string) => line !== "" && !line.startsWith("#"));
    expect(names.filter((line: string) => !line.startsWith("sluice_"))).toEqual([]);
  });

  it("go with their pipeline", async () => {
    const { request } = await runningServer();
    await request("PUT", "/v1/pipelines/hot", HOT);
    expect((await request("GET", "/metrics")).body).toContain('pipeline="hot"');
    await request("DELETE", "/v1/pipelines/hot");
    expect((await request("GET", "/metrics")).body).not.toContain('pipeline="hot"');
  });
});
