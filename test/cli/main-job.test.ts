import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { must } from "../../src/assert.ts";
import type { Report } from "../../src/cli/report.ts";
import { type ProcessResult, SluiceProcess, sluice } from "../support/sluice-process.ts";
import { ROOT } from "../support/source-files.ts";
import { until } from "../support/until.ts";

const MESSAGES = 200_000;
const MINUTE_MS = 60_000;

interface Reading {
  readonly deviceId: string;
  readonly time: number;
  readonly temperature: number;
}

interface Window {
  readonly deviceId: string;
  readonly minute: string;
  readonly readings: number;
  readonly avg_temperature: number;
  readonly min_temperature: number;
  readonly max_temperature: number;
}

/** The windows of the readings, naively. */
function recompute(readings: readonly Reading[]): Map<string, Window> {
  const groups = new Map<string, number[]>();
  for (const { deviceId, time, temperature } of readings) {
    const key = `${deviceId}|${new Date(Math.floor(time / MINUTE_MS) * MINUTE_MS).toISOString()}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [temperature]);
    else group.push(temperature);
  }
  return new Map(
    [...groups].map(([key, values]) => {
      const [deviceId = "", minute = ""] = key.split("|");
      const avg_temperature = values.reduce((sum, value) => sum + value, 0) / values.length;
      const [min_temperature, max_temperature] = [Math.min(...values), Math.max(...values)];
      return [key, { deviceId, minute, readings: values.length, avg_temperature, min_temperature, max_temperature }];
    }),
  );
}

function expectWindows(windows: readonly Window[], expected: ReadonlyMap<string, Window>): void {
  expect(windows).toHaveLength(expected.size);
  for (const { deviceId, minute, readings, avg_temperature, min_temperature, max_temperature } of windows) {
    const wanted = must(expected.get(`${deviceId}|${minute}`));
    const same = readings === wanted.readings && min_temperature === wanted.min_temperature && max_temperature === wanted.max_temperature;
    if (!same || Math.abs(avg_temperature - wanted.avg_temperature) > 1e-9) expect(`${deviceId} ${minute} ${readings}`).toEqual(wanted);
  }
}

async function rows<Row>(cwd: string, sql: string, ...options: string[]): Promise<Row[]> {
  const { code, stdout, stderr } = await sluice(["query", sql, "--output", "ndjson", "--config", join(ROOT, "sluice.yaml"), ...options], {
    cwd,
  });
  expect(code, stderr).toBe(0);
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Row]));
}

const readingsOf = (cwd: string): Promise<Reading[]> =>
  rows(cwd, "SELECT deviceId, CAST(time AS BIGINT) AS time, temperature FROM temperatures", "--until-end");

describe("the main job on embedded parts", () => {
  const cwd = mkdtempSync(join(tmpdir(), "sluice-main-job-"));
  let demo: ProcessResult;
  let expected: ReadonlyMap<string, Window>;

  beforeAll(async () => {
    demo = await sluice(["demo", "--messages", String(MESSAGES), "--exit", "--report", "json"], { cwd });
    const readings = await readingsOf(cwd);
    expect(readings).toHaveLength(MESSAGES);
    expected = recompute(readings);
  }, 120_000);
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  it("accounts for every record of every statement", () => {
    expect(demo.code, demo.stderr).toBe(0);
    const statements = (JSON.parse(demo.stdout) as Report).pipelines.flatMap((pipeline) => pipeline.statements);
    expect(statements.map((statement) => statement.in)).toEqual([MESSAGES, expected.size, expected.size, expected.size]);
    expect(statements.slice(0, 3).map((statement) => statement.written)).toEqual([expected.size, expected.size, expected.size]);
    for (const statement of statements) {
      expect(statement.applied + statement.filtered + statement.late + statement.deadLettered).toBe(statement.in);
      expect(statement).toMatchObject({ late: 0, deadLettered: 0 });
    }
  });

  it("makes the windows that a naive recompute of its readings makes, in all targets", async () => {
    expectWindows(await rows(cwd, "SELECT * FROM cassandra.iot.temperatures_1m"), expected);
    const indexed = await rows(cwd, "SELECT COUNT(*) AS n, SUM(readings) AS readings FROM elastic.temperatures_1m");
    expect(indexed).toEqual([{ n: expected.size, readings: MESSAGES }]);
    const hot = [...expected.values()].filter((window) => window.max_temperature > 28);
    expect(await rows(cwd, "SELECT * FROM elastic.hot_homes")).toHaveLength(hot.length);
  }, 60_000);

  it("makes the same windows when it is killed in the middle, again and again", async () => {
    const again = join(cwd, "again.sql");
    writeFileSync(
      again,
      `INSERT INTO elastic.again SELECT deviceId, window_start AS minute, COUNT(*) AS readings, AVG(temperature) AS avg_temperature,
         MIN(temperature) AS min_temperature, MAX(temperature) AS max_temperature
       FROM temperatures WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY deviceId EMIT CHANGES;`,
    );
    const args = ["run", again, "--config", join(ROOT, "sluice.yaml")];
    let kills = 0;
    for (; kills < 3; kills++) {
      const run = new SluiceProcess(args, { cwd });
      const before = (await written(cwd)).length;
      await until(
        async () => run.hasEnded || (await written(cwd)).length > before,
        "more windows",
        30_000,
        () => run.stderr,
        200,
      );
      run.kill("SIGKILL");
      await run.ended;
      if ((await written(cwd)).length === expected.size) break;
    }
    const { code, stdout, stderr } = await sluice([...args, "--until-end", "--report", "json"], { cwd });
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as Report).pipelines[0]?.statements[0]).toMatchObject({ in: MESSAGES, applied: MESSAGES, late: 0 });
    expectWindows(await written(cwd), expected);
  }, 120_000);

  it("goes on with the other routes while Elasticsearch cannot be reached, and says so", async () => {
    const config = join(cwd, "unreachable.yaml");
    writeFileSync(
      config,
      `connections:
  kafka: { kind: embedded, as: kafka }
  cassandra: { kind: embedded, as: cassandra }
  elastic: { kind: elasticsearch, node: "http://127.0.0.1:9" }
defaults: { source: kafka, sink: kafka }\n`,
    );
    const file = join(cwd, "both.sql");
    writeFileSync(
      file,
      `SET 'max.retries' = 2; SET 'retry.interval' = 10;
       INSERT INTO elastic.unreached SELECT * FROM temperatures.aggregated PK deviceId, minute;
       INSERT INTO cassandra.iot.reached SELECT * FROM temperatures.aggregated PK deviceId, minute;`,
    );
    const { code, stdout, stderr } = await sluice(["run", file, "--config", config, "--until-end", "--report", "json"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toMatch(/CONNECTION_FAILED.*\n?.*127\.0\.0\.1:9/);
    const statements = must((JSON.parse(stdout) as Report).pipelines[0]).statements;
    expect(statements.map((statement) => statement.written)).toEqual([0, expected.size]);
  }, 60_000);
});

/** What is in the index now, read beside the process that writes it. */
async function written(cwd: string): Promise<Window[]> {
  const connection = openEmbedded(
    { name: "elastic", kind: "embedded", as: "elasticsearch", settings: {} },
    join(cwd, ".sluice"),
    systemClock,
  );
  const windows: Window[] = [];
  for await (const { bytes, valueStarts, valueEnds, count } of connection.readTable("again", new AbortController().signal) ?? []) {
    for (let row = 0; row < count; row++) windows.push(JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as Window);
  }
  await connection.close();
  return windows;
}
