import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";

const CATALOG = `CREATE STREAM readings (id INT KEY, temperature DOUBLE, trace STRING HEADER('trace-id')) WITH (partitions = 2);`;
const PIPELINE = `CREATE STREAM hot WITH (partitions = 2) AS SELECT id, temperature, trace FROM readings WHERE temperature > 20;
INSERT INTO sums SELECT id, COUNT(*) AS n, SUM(temperature) AS total FROM hot GROUP BY id;`;
const ROWS = `INSERT INTO readings VALUES (1, 21, 'a'), (2, 19, 'b'), (1, 22, NULL), (3, 30, 'c');`;

describe("sluice query", () => {
  it("executes statements one after the other, their rows to stdout and messages to stderr", async () => {
    const cwd = scratch();
    const sql = "DEFINE t = 'loose'; INSERT INTO ${t} (a) VALUES (1), (2); SELECT a FROM ${t} START AT EARLIEST LIMIT 2; SHOW VARIABLES;";
    const { code, stdout, stderr } = await sluice(["query", sql], { cwd });
    expect([code, stdout]).toEqual([0, '{"a":1}\n{"a":2}\n{"name":"t","value":"loose"}\n']);
    expect(stderr).toBe("${t} stands for loose\n2 records to embedded.loose\n");
  });

  it("reads files and standard input, and writes all formats", async () => {
    const cwd = scratch({ "s.sql": "INSERT INTO t (a, b) VALUES (1, 'x, y'); SELECT * FROM t; SHOW TOPICS;" });
    const csv = await sluice(["query", "--file", "s.sql", "--until-end", "--output", "csv"], { cwd });
    expect([csv.code, csv.stdout]).toEqual([0, 'a,b\n1,"x, y"\n\nconnection,topic,partitions\nembedded,t,1\n']);
    const table = await sluice(["query", "-", "--output", "table"], { cwd, input: "SHOW TOPICS" });
    expect(table.stdout.split("\n").slice(0, 3)).toEqual([
      "connection │ topic │ partitions",
      "───────────┼───────┼───────────",
      "embedded   │ t     │          1",
    ]);
    const json = await sluice(["query", "SHOW TOPICS", "--output", "json"], { cwd });
    expect(JSON.parse(json.stdout)).toEqual([{ connection: "embedded", topic: "t", partitions: 1 }]);
  });

  it("stops at the first statement that fails", async () => {
    const cwd = scratch();
    const failed = await sluice(["query", "DEFINE a = '1'; SELECT b FROM (; SHOW VARIABLES"], { cwd });
    expect([failed.code, failed.stdout, failed.stderr]).toEqual([1, "", expect.stringContaining("error SYNTAX")]);
    const asserted = await sluice(["query", "ASSERT TOPIC nowhere; SHOW TOPICS"], { cwd });
    expect([asserted.code, asserted.stdout]).toEqual([1, ""]);
    expect(asserted.stderr).toContain("error ASSERTION_FAILED: embedded.nowhere: there is no such topic");
  });

  it("shows what pipelines have done, after keys, headers and CREATE … AS SELECT went through them", async () => {
    const cwd = scratch({ "sluice.yaml": "", "queries/catalog.sql": CATALOG, "queries/rooms/hot.sql": PIPELINE });
    const query = async (sql: string) =>
      (await sluice(["query", sql, "--until-end"], { cwd })).stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line || "null") as unknown);
    expect(await query(`${ROWS} SHOW PIPELINES`)).toEqual([
      {
        pipeline: "rooms.hot",
        statements: 2,
        reads: "embedded.readings, embedded.hot",
        writes: "embedded.hot, embedded.sums",
        state: "has not run",
      },
    ]);
    for (const _ of [1, 2]) {
      const run = await sluice(["run", join("queries", "rooms", "hot.sql"), "--until-end", "--close"], { cwd });
      expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
    }
    const asserts = `ASSERT VALUES hot (id, temperature, trace) VALUES (1, 21, 'a');
      ASSERT VALUES sums VALUES (1, 2, 43);`;
    const checked = await sluice(["query", asserts.replace("sums VALUES", "sums (id, n, total) VALUES")], { cwd });
    expect([checked.code, checked.stderr]).toEqual([0, "hot: as asserted\nsums: as asserted\n"]);
    expect(await query("SHOW PIPELINES EXTENDED")).toEqual([expect.objectContaining({ state: "positions are kept", in: 7, written: 5 })]);
    const described = (await query("DESCRIBE PIPELINE rooms.hot")) as { statement: string; lag: number }[];
    expect(described.map(({ statement, lag }) => [statement, lag])).toEqual([
      ["hot#1", 0],
      ["hot#1", 0],
      ["sums#1", 0],
      ["sums#1", 0],
    ]);
    const dropped = await sluice(["query", "DROP PIPELINE rooms.hot; SHOW PIPELINES; DROP PIPELINE rooms.hot"], { cwd });
    expect(dropped.stderr).toBe(
      "rooms.hot: positions and state are gone, the next run begins anew; files and results stay\nnothing was kept\n",
    );
    expect(dropped.stdout).toContain("has not run");
  });
});
