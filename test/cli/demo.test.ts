import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/cli/report.ts";
import { scratch } from "../support/scratch.ts";
import { SluiceProcess, sluice } from "../support/sluice-process.ts";
import { ROOT } from "../support/source-files.ts";
import { until } from "../support/until.ts";

describe("sluice demo", () => {
  it("does the main job, and every record is accounted for", { timeout: 60_000 }, async () => {
    const cwd = scratch();
    const { code, stdout, stderr } = await sluice(["demo", "--messages", "20000", "--exit", "--report", "json"], { cwd });
    expect([code, stderr]).toEqual([0, expect.stringContaining("closed")]);
    const { pipelines } = JSON.parse(stdout) as Report;
    const [aggregate, persist] = pipelines;
    expect(pipelines.map(({ name }) => name)).toEqual(["temperatures.aggregate", "temperatures.persist"]);
    expect(aggregate?.messages).toBe(20_000);
    for (const statement of pipelines.flatMap(({ statements }) => statements)) {
      expect(statement.in).toBe(statement.applied + statement.filtered + statement.late + statement.deadLettered);
    }
    const windows = aggregate?.statements[0]?.written ?? 0;
    expect(windows).toBeGreaterThan(5_000);
    expect(persist?.messages).toBe(windows);
    expect(persist?.statements.map(({ target, in: taken }) => [target, taken])).toEqual([
      ["elastic.temperatures_1m", windows],
      ["cassandra.iot.temperatures_1m", windows],
      ["elastic.hot_homes", windows],
    ]);

    const project = join(ROOT, "sluice.yaml");
    const sum = "SELECT SUM(readings) AS readings FROM cassandra.iot.temperatures_1m";
    const query = await sluice(["query", sum, "--config", project], { cwd });
    expect([query.code, JSON.parse(query.stdout)]).toEqual([0, { readings: 20_000 }]);
  });

  it("goes on until Ctrl-C", { timeout: 60_000 }, async () => {
    const demo = new SluiceProcess(["demo", "--rate", "5000"], { cwd: scratch() });
    await until(
      () => demo.stderr.includes("temperatures.persist: running"),
      "both pipelines to run",
      20_000,
      () => demo.stderr,
    );
    demo.kill("SIGINT");
    const { code, stderr } = await demo.ended;
    expect([code, stderr]).toEqual([130, expect.stringContaining("temperatures.aggregate")]);
  });
});
