import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/cli/report.ts";
import { FIRST_STEPS, skeleton } from "../../src/project/skeleton.ts";
import { scratch } from "../support/scratch.ts";
import { SluiceProcess, sluice } from "../support/sluice-process.ts";
import { until } from "../support/until.ts";

const CATALOG = "CREATE STREAM readings (id STRING, n INT, at TIMESTAMP) WITH (key = 'id', timestamp = 'at', partitions = 2);";
const SUMS = "INSERT INTO sums SELECT id, COUNT(*) AS readings, SUM(n) AS total FROM readings GROUP BY id;";
const READINGS = Array.from({ length: 100 }, (_, n) =>
  JSON.stringify({ id: `d${n % 3}`, n, at: `2026-01-01T00:00:${String(n % 60).padStart(2, "0")}Z` }),
);

const project = (files: Readonly<Record<string, string>> = {}): string =>
  scratch({ "queries/catalog.sql": CATALOG, "queries/sums.sql": SUMS, ...files });

const rows = (ndjson: string): unknown[] =>
  ndjson
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

describe("produce, run, query", () => {
  it("carry records to a table, once", async () => {
    const cwd = project();
    const produced = await sluice(["produce", "readings"], { cwd, input: READINGS.join("\n") });
    expect(produced).toEqual({ code: 0, stdout: "", stderr: "100 records to embedded.readings (2 partitions)\n" });

    const first = await sluice(["run", "queries/sums.sql", "--until-end", "--report", "json"], { cwd });
    expect(first.code).toBe(0);
    const [pipeline] = (JSON.parse(first.stdout) as Report).pipelines;
    expect(pipeline).toMatchObject({ name: "sums", messages: 100 });
    expect(pipeline?.statements).toEqual([
      {
        ...{ name: "sums#1", target: "embedded.sums", in: 100, applied: 100, filtered: 0, late: 0, deadLettered: 0 },
        ...{ sent: 3, written: 3, superseded: 0, rejected: 0 },
      },
    ]);

    const again = await sluice(["run", "queries/sums.sql", "--until-end", "--report", "json"], { cwd });
    expect((JSON.parse(again.stdout) as Report).pipelines[0]).toMatchObject({ messages: 0, statements: [{ in: 100, written: 3 }] });

    const query = await sluice(["query", "SELECT id, readings, total FROM sums"], { cwd });
    expect(query.code).toBe(0);
    expect(rows(query.stdout)).toEqual(
      expect.arrayContaining([
        { id: "d0", readings: 34, total: 1683 },
        { id: "d1", readings: 33, total: 1617 },
        { id: "d2", readings: 33, total: 1650 },
      ]),
    );
  });

  it("follow until Ctrl-C, keep what was done, and exit with 130", async () => {
    const cwd = project();
    const run = new SluiceProcess(["run", "queries", "--report", "json"], { cwd });
    await until(
      () => run.stderr.includes("waiting for embedded.readings"),
      "the missing topic to be named",
      20_000,
      () => run.stderr,
    );
    await sluice(["produce", "readings"], { cwd, input: READINGS.join("\n") });
    await until(
      () => run.stderr.includes("sums: running"),
      "the pipeline to run",
      20_000,
      () => run.stderr,
    );
    await until(
      async () => (await sluice(["query", "SELECT * FROM sums"], { cwd })).stdout.split("\n").length === 4,
      "three rows",
      30_000,
      () => run.stderr,
    );
    run.kill("SIGINT");
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect((JSON.parse(stdout) as Report).pipelines[0]?.statements[0]).toMatchObject({ in: 100, applied: 100 });
  });

  it("spread a pipeline over threads by option, by configuration and by SET", { timeout: 60_000 }, async () => {
    const counted = [{ pipelines: [{ messages: 100, statements: [{ in: 100, written: 3 }] }] }, 0];
    for (const [files, ...args] of [
      [{}, "--parallelism", "2"],
      [{ "sluice.yaml": "pipelines:\n  sums:\n    parallelism: 2\n" }],
      [{ "queries/sums.sql": `SET 'tasks.max' = 2; ${SUMS}` }],
    ] as const) {
      const cwd = project(files);
      await sluice(["produce", "readings"], { cwd, input: READINGS.join("\n") });
      const { code, stdout, stderr } = await sluice(["run", "queries", "--until-end", "--report", "json", ...args], { cwd });
      expect([JSON.parse(stdout), code], stderr).toMatchObject(counted);
    }
    const { code, stderr } = await sluice(["run", "queries", "--parallelism", "65"], { cwd: project() });
    expect([code, stderr]).toEqual([2, expect.stringContaining("At most 64 threads share a pipeline.")]);
  });

  it("end at the second Ctrl-C where the target does not take what was read", async () => {
    const cwd = project({
      "sluice.yaml": "connections:\n  elastic:\n    kind: elasticsearch\n    node: http://127.0.0.1:1\n",
      "queries/sums.sql": "INSERT INTO elastic.rows SELECT id, n FROM readings;",
    });
    await sluice(["produce", "readings"], { cwd, input: READINGS.join("\n") });
    const run = new SluiceProcess(["run", "queries", "--parallelism", "2"], { cwd });
    const says = (text: string) =>
      until(
        () => run.stderr.includes(text),
        text,
        20_000,
        () => run.stderr,
      );
    await says("trying again");
    run.kill("SIGINT");
    await says("press Ctrl-C again to end at once");
    run.kill("SIGINT");
    expect((await run.ended).code).toBe(130);
  });

  it("read what a pipeline of the same run writes until that one is done", async () => {
    const cwd = project({
      "queries/1-last.sql": "CREATE STREAM copied (id STRING) WITH (key = 'id', partitions = 2); INSERT INTO ends SELECT * FROM copied;",
      "queries/2-first.sql":
        "CREATE STREAM copied (id STRING) WITH (key = 'id', partitions = 2); INSERT INTO copied SELECT id FROM readings WHERE n < 50;",
    });
    await sluice(["produce", "readings"], { cwd, input: READINGS.join("\n") });
    const { code, stdout, stderr } = await sluice(["run", "queries", "--until-end", "--report", "json"], { cwd });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const counts = (JSON.parse(stdout) as Report).pipelines.map(({ name, messages }) => [name, messages]);
    expect(counts).toEqual([
      ["1-last", 50],
      ["2-first", 100],
      ["sums", 100],
    ]);
  });

  it("take one span of the log, whole through all pipelines, and go on behind it", async () => {
    const copied = "CREATE STREAM copied (id STRING, at TIMESTAMP) WITH (key = 'id', timestamp = 'at', partitions = 2);";
    const cwd = project({
      "queries/1-last.sql": `${copied} INSERT INTO ends SELECT id FROM copied UNION ALL SELECT id FROM readings;`,
      "queries/2-first.sql": `${copied} INSERT INTO copied SELECT id, at FROM readings; INSERT INTO copied SELECT id, at FROM readings;`,
    });
    await sluice(["produce", "readings"], { cwd, input: READINGS.join("\n") });
    const counts = async (...args: string[]): Promise<unknown> => {
      const { stdout, stderr } = await sluice(["run", "queries", "--until-end", "--report", "json", ...args], { cwd });
      const { pipelines } = JSON.parse(stdout) as Report;
      const taken = pipelines.flatMap(({ statements }) => statements.map((statement) => [statement.name, statement.in]));
      return [Object.fromEntries(taken), stderr.includes("it goes on from where it was")];
    };
    expect(await counts("--from", "offset:10", "--to", "offset:20")).toEqual([
      { "sums#1": 20, "copied#1": 20, "copied#2": 20, "ends#1": 60 },
      false,
    ]);
    const { code, stderr } = await sluice(["run", "queries", "--until-end", "--from", "earliest"], { cwd });
    expect([code, stderr]).toEqual([0, expect.stringContaining("sums#1: it goes on from where it was")]);
  });

  it("stop at a record that cannot be taken, and say which", async () => {
    const cwd = project({ "queries/sums.sql": "INSERT INTO sums SELECT id, n + 1 AS next FROM readings;" });
    await sluice(["produce", "readings"], { cwd, input: '{"id":"a","n":1,"at":0}\n{"id":"a","n":"many","at":0}\n' });
    const { code, stdout, stderr } = await sluice(["run", "queries/sums.sql", "--until-end", "--report", "json"], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/error RECORD_TYPE: .*sums#1.*readings.*1/);
    expect(JSON.parse(stdout)).toMatchObject({ pipelines: [{ name: "sums" }] });
  });

  it("end with 1 where the source of a bounded run does not exist", async () => {
    const { code, stderr } = await sluice(["run", "queries/sums.sql", "--until-end"], { cwd: project() });
    expect(code).toBe(1);
    expect(stderr).toContain("error TOPIC_MISSING");
  });

  it("refuse wrong settings of a connection, with their line, before anything runs", async () => {
    const cwd = project({
      "sluice.yaml": "connections:\n  kafka:\n    kind: kafka\n    broker: a:1\n",
      "queries/copy.sql": "INSERT INTO kafka.a SELECT * FROM b;",
    });
    const { code, stdout, stderr } = await sluice(["run", "queries", "--until-end"], { cwd });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^error CONFIG_INVALID: sluice\.yaml:4: connections\.kafka\.broker is unknown/);
    expect(existsSync(join(cwd, ".sluice"))).toBe(false);
  });

  it("refuse a faulty pipeline before anything runs", async () => {
    const cwd = project({ "queries/sums.sql": "INSERT INTO sums SELECT idd FROM readings;" });
    const { code, stdout, stderr } = await sluice(["run", "queries/sums.sql", "--until-end"], { cwd });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("queries/sums.sql:1:25 error UNKNOWN_FIELD");
    expect(existsSync(join(cwd, ".sluice"))).toBe(false);
  });
});

describe("sluice produce", () => {
  it("writes what stands before a bad line, and names the line", async () => {
    const cwd = project();
    const { code, stderr } = await sluice(["produce", "readings"], { cwd, input: `${READINGS[0]}\n${READINGS[1]}\n\n{"id":\n` });
    expect(code).toBe(1);
    expect(stderr).toContain("written before: 2 records");
    expect(stderr).toContain("error RECORD_MALFORMED: line 4 is no JSON document");
    const { stdout } = await sluice(["query", "SELECT id, n FROM readings", "--until-end"], { cwd });
    expect(rows(stdout)).toHaveLength(2);
  });

  it("takes key and timestamp from the fields named", async () => {
    const cwd = scratch();
    await sluice(["produce", "t", "--key", "k", "--timestamp", "at", "--data", "d"], { cwd, input: '{"k":5,"at":"1970-01-01T00:00:01Z"}' });
    const { stdout } = await sluice(["query", "SELECT _key AS key, _timestamp AS at FROM t", "--until-end", "--data", "d"], { cwd });
    expect(rows(stdout)).toEqual([{ key: "5", at: "1970-01-01T00:00:01.000Z" }]);
    expect(existsSync(join(cwd, "d/sluice.db"))).toBe(true);
  });

  it("streams: more than it could hold, through a pipe that waits", async () => {
    const cwd = scratch();
    const line = `${JSON.stringify({ text: "x".repeat(1_000) })}\n`;
    const { code, stderr } = await sluice(["produce", "big"], { cwd, input: line.repeat(20_000) });
    expect([code, stderr]).toEqual([0, "20,000 records to embedded.big (1 partition)\n"]);
  });
});

describe("sluice query", () => {
  it("has four forms of output", async () => {
    const cwd = project();
    await sluice(["produce", "readings"], { cwd, input: READINGS.slice(0, 2).join("\n") });
    const query = (output: string) => sluice(["query", "SELECT id, n FROM readings", "--until-end", "--output", output], { cwd });
    const sorted = (text: string): string[] => text.trimEnd().split("\n").sort();
    expect(sorted((await query("ndjson")).stdout)).toEqual(['{"id":"d0","n":0}', '{"id":"d1","n":1}']);
    expect(sorted((await query("csv")).stdout)).toEqual(["d0,0", "d1,1", "id,n"]);
    expect(JSON.parse((await query("json")).stdout)).toHaveLength(2);
    expect((await query("table")).stdout).toContain("id │ n\n───┼──\n");
  });

  it("shows the group of null, and every digit of an integer", async () => {
    const cwd = project();
    const ids = ["9007199254740993", "9007199254740992", "null", "9007199254740993"];
    await sluice(["produce", "ids"], { cwd, input: ids.map((id) => `{"id":${id}}`).join("\n") });
    const sql = "SELECT id, COUNT(*) AS n FROM ids GROUP BY id";
    const { code, stdout } = await sluice(["query", sql, "--until-end"], { cwd });
    const expected = ['{"id":9007199254740992,"n":1}', '{"id":9007199254740993,"n":2}', '{"id":null,"n":1}'];
    expect([code, stdout.trimEnd().split("\n").sort()]).toEqual([0, expected]);
    const table = await sluice(["query", sql, "--until-end", "--output", "table"], { cwd });
    expect(table.stdout).toContain("9007199254740993 │ 2");
  });

  it("says what is missing: an index, a table or a topic", async () => {
    const cwd = project({
      "sluice.yaml": "connections:\n  elastic: { kind: embedded, as: elasticsearch }\n  cassandra: { kind: embedded, as: cassandra }\n",
    });
    for (const [name, code, message] of [
      ["elastic.nothing", "TARGET_MISSING", "there is no index nothing on elastic"],
      ["cassandra.no.thing", "TARGET_MISSING", "there is no table no.thing on cassandra"],
      ["nothing", "TARGET_MISSING", "there is no topic, index or table nothing on embedded"],
    ]) {
      const { code: exit, stderr } = await sluice(["query", `SELECT * FROM ${name}`], { cwd });
      expect([exit, stderr]).toEqual([1, expect.stringContaining(`error ${code}: ${message}\n  hint: SHOW TOPICS and SHOW TABLES`)]);
    }
    await sluice(["produce", "readings"], { cwd, input: READINGS[0] ?? "" });
    const { stderr } = await sluice(["query", "SELECT * FROM reedings"], { cwd });
    expect(stderr).toContain("hint: did you mean readings?");
  });

  it("ends at LIMIT", async () => {
    const cwd = project();
    await sluice(["produce", "readings"], { cwd, input: READINGS.join("\n") });
    const { code, stdout } = await sluice(["query", "SELECT id FROM readings LIMIT 3", "--from", "earliest"], { cwd });
    expect([code, rows(stdout).length]).toEqual([0, 3]);
  });
});

describe("sluice init", () => {
  it("makes a project whose first steps work as they stand", { timeout: 60_000 }, async () => {
    const cwd = scratch();
    const made = await sluice(["init", "thermometers"], { cwd, env: { npm_lifecycle_event: "" } });
    expect(made.code).toBe(0);
    for (const path of skeleton().keys()) expect(existsSync(join(cwd, "thermometers", path))).toBe(true);
    let last = { code: null as number | null, stdout: "", stderr: "" };
    for (const step of FIRST_STEPS) {
      expect(made.stdout).toContain(`  ${step}\n`.trimEnd());
      const [command = "", input] = step.replace(/^sluice /, "").split(" < ");
      const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
      const text = input === undefined ? "" : (skeleton().get(input) ?? "");
      last = await sluice(args, { cwd: join(cwd, "thermometers"), input: text });
      expect([step, last.code, last.stderr]).toEqual([step, 0, expect.not.stringContaining("error ")]);
    }
    expect(last.stdout).toMatch(/\(\d\d rows\)\n$/);
  });

  it("says npx where it came by it: there is no sluice on the path", async () => {
    const { stdout } = await sluice(["init"], { cwd: scratch(), env: { npm_lifecycle_event: "npx" } });
    expect(stdout).toContain("\n  npx sluice check\n");
  });

  it("changes nothing that is there", async () => {
    const cwd = scratch({ "readings.ndjson": "mine" });
    const { code, stderr } = await sluice(["init"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("readings.ndjson exists already; nothing was changed");
    expect(existsSync(join(cwd, "sluice.yaml"))).toBe(false);
  });
});
