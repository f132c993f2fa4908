import { describe, expect, it } from "vitest";
import { tokenHash } from "../../src/server/auth/secret-hash.ts";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id, temperature FROM readings WHERE temperature > 20 PK id;";

type Running = Awaited<ReturnType<typeof runningServer>>;

const execute = ({ request }: Running, sql: string, more: object = {}) => request("POST", "/v1/statements", { sql, ...more });
const names = ({ deployments }: Running) => deployments.list().map(({ name }) => name);

describe("statements by REST", () => {
  it("make a pipeline of an INSERT, which runs, and is the same when it comes again", async () => {
    const running = await runningServer();
    const { request, produce, documents } = running;
    expect(await request("POST", "/v1/statements", HOT)).toMatchObject({
      status: 200,
      body: { results: [{ kind: "pipeline", pipeline: "hot", line: 1, column: 1, warnings: [], notes: [] }] },
    });
    await produce("readings", [{ id: 1, temperature: 25 }]);
    await until(async () => (await documents("hot")).length === 1, "the document");
    expect((await execute(running, HOT.toLowerCase())).body.results[0]).toMatchObject({
      pipeline: "hot",
      text: "the pipeline hot is that already, and stays as it is",
    });
    expect(names(running)).toEqual(["hot"]);
  });

  it("answer once what the pipeline writes is there to be read", async () => {
    const running = await runningServer();
    await running.produce("readings", [{ id: 1, temperature: 25 }]);
    for (let n = 1; n <= 3; n++) {
      await execute(running, HOT.replace(".hot", `.hot${n}`));
      const { status, body } = await running.request("POST", "/v1/query", { sql: `SELECT * FROM elastic.hot${n}` });
      expect([status, body]).toEqual([200, expect.stringContaining('{"done":true}')]);
    }
  });

  it("name it after its target, its @name or as they are told, and never take the name of another", async () => {
    const running = await runningServer();
    const made = async (sql: string, more: object = {}) => (await execute(running, sql, more)).body.results.at(-1).pipeline;
    expect(await made(HOT)).toBe("hot");
    expect(await made(HOT.replace("20", "30"))).toBe("hot-2");
    expect(await made(HOT.replace("20", "40"))).toBe("hot-3");
    expect(await made(HOT.replace("20", "30"))).toBe("hot-2");
    expect(await made(`-- @name hottest\n${HOT.replace("20", "50")}`)).toBe("hottest");
    expect(await made(HOT.replace("20", "60"), { name: "own" })).toBe("own");
    expect(await made(HOT.replace("hot", "`ümläut%2f`"))).toBe("_ml_ut_2f");
    const long = "x".repeat(255);
    expect(await made(HOT.replace("hot", long))).toBe(long.slice(0, 200));
    expect(await made(HOT.replace("hot", long).replace("20", "30"))).toBe(`${long.slice(0, 198)}-2`);
    expect(await execute(running, HOT.replace("20", "70"), { name: "own" })).toMatchObject({
      status: 409,
      body: { code: "PIPELINE_EXISTS" },
    });
    expect((await execute(running, `${HOT}${HOT}`, { name: "both" })).body).toMatchObject({ status: 422, column: HOT.length + 1 });
    expect(await execute(running, HOT, { name: "a/b" })).toMatchObject({ status: 400 });
  });

  it("put what the INSERT needs into its text, and nothing else", async () => {
    const running = await runningServer();
    const sql = `-- all that is shared
SET 'error.policy' = 'noop';
DEFINE least = '20';
DEFINE other = '30';
CREATE STREAM readings (id INT, temperature DOUBLE) WITH (topic = 'readings.v1');
CREATE STREAM unused (id INT) WITH (topic = 'unused');
WITH warm AS (SELECT id, temperature FROM readings WHERE temperature > \${LEAST});
SHOW VARIABLES;
-- what is hot
INSERT INTO elastic.hot SELECT id, temperature FROM warm PK id;`;
    const { status, body } = await execute(running, sql);
    expect([status, body.results?.map(({ kind }: { kind: string }) => kind)]).toEqual([
      200,
      ["message", "message", "message", "message", "message", "message", "table", "pipeline"],
    ]);
    const text = running.deployments.get("hot")?.text;
    expect(text).toBe(
      `${sql
        .split("\n")
        .filter((line) => !/other|unused|SHOW/.test(line))
        .join("\n")}\n`,
    );
    await running.produce("readings.v1", [
      { id: 1, temperature: 25 },
      { id: 2, temperature: 15 },
    ]);
    await until(async () => (await running.documents("hot")).length === 1, "the document");
  });

  it("operate pipelines and show them", async () => {
    const running = await runningServer();
    await running.produce("readings", [{ id: 1, temperature: 25 }]);
    await execute(running, HOT);
    const written = async () => (await execute(running, "DESCRIBE PIPELINE hot;")).body.results[0].rows[0];
    await until(async () => (await written()).at(-1) === 1, "the document");
    expect(await written()).toEqual(["hot#1", "embedded.readings", "elastic.hot", "running", 0, 1, 0, 1, 1]);
    const { body } = await execute(running, "PAUSE PIPELINE hot; SHOW PIPELINES EXTENDED; RESUME PIPELINE hot; RESTART PIPELINE hot;");
    expect(body.results).toMatchObject([
      { text: "hot pauses" },
      {
        columns: ["pipeline", "statements", "reads", "writes", "state", "in", "written"],
        rows: [["hot", 1, "embedded.readings", "elastic.hot", expect.any(String), 1, 1]],
      },
      { text: "hot runs again" },
      { text: "hot is started again" },
    ]);
    expect((await execute(running, "PAUSE PIPELINE cold")).body).toMatchObject({ status: 422, code: "UNKNOWN_PIPELINE", column: 16 });
    expect((await execute(running, "PAUSE PIPELINE hor")).body.hint).toBe("did you mean hot?");
    expect((await execute(running, "DROP PIPELINE hot")).body).toMatchObject({
      results: [{ text: "hot is dropped; what it wrote stays" }],
    });
    expect(names(running)).toEqual([]);
  });

  it("write rows, and make a pipeline of CREATE … AS SELECT", async () => {
    const running = await runningServer();
    const { body } = await execute(
      running,
      "INSERT INTO readings (id, temperature) VALUES (1, 25), (2, 15); CREATE STREAM warm AS SELECT id FROM readings WHERE temperature > 20;",
    );
    expect(body.results).toMatchObject([{ text: "2 records to embedded.readings" }, { kind: "pipeline", pipeline: "warm" }]);
    await until(
      async () => ((await running.source.describeTopic("warm")) === null ? 0 : (await running.source.bounds("warm", 0)).endOffset) === 1,
      "it",
    );
  });

  it("are checked as a whole before anything is done", async () => {
    const running = await runningServer();
    const refused = async (sql: string) => {
      const { status, body } = await execute(running, `${HOT}\nINSERT INTO t (id) VALUES (1);\n${sql}`);
      return [status, body.code, body.line, body.done];
    };
    expect(await refused("SELECT * FROM readings")).toEqual([422, "STATEMENT_NOT_ALLOWED", 3, undefined]);
    expect(await refused("PRINT readings")).toEqual([422, "STATEMENT_NOT_ALLOWED", 3, undefined]);
    expect(await refused("ASSERT TOPIC t TIMEOUT 77 SECONDS")).toEqual([422, "STATEMENT_NOT_ALLOWED", 3, undefined]);
    expect(await refused("SELEC 1")).toEqual([422, "SYNTAX", 3, undefined]);
    expect(await refused("SET 'nothing' = 1")).toEqual([422, "UNKNOWN_SETTING", 3, undefined]);
    expect(await refused(`${HOT.replace("temperature >", "UPER(x) >")}`)).toEqual([422, "UNKNOWN_FUNCTION", 3, undefined]);
    expect(await refused("EXPLAIN SELECT UPER(x) FROM y")).toEqual([422, "UNKNOWN_FUNCTION", 3, undefined]);
    expect(await refused("DROP STREAM nothing")).toEqual([422, "UNKNOWN_RELATION", 3, undefined]);
    expect(await refused("PAUSE PIPELINE hot; PAUSE PIPELINE cold;")).toEqual([422, "UNKNOWN_PIPELINE", 3, undefined]);
    expect(await refused("DROP PIPELINE hot; DESCRIBE PIPELINE hot;")).toEqual([422, "UNKNOWN_PIPELINE", 3, undefined]);
    expect((await execute(running, "SELECT 1 AS a FROM x")).body.hint).toBe("POST /v1/query does that");
    expect(names(running)).toEqual([]);
    expect(await running.source.describeTopic("t")).toBeNull();
  });

  it("say what was done before one failed all the same", async () => {
    const running = await runningServer();
    const { status, body } = await execute(running, `${HOT}\nDESCRIBE nothing;\nSHOW PIPELINES;`);
    expect([status, body.code, body.line]).toEqual([404, "TOPIC_MISSING", 2]);
    expect(body.done).toMatchObject([{ kind: "pipeline", pipeline: "hot" }]);
    expect(names(running)).toEqual(["hot"]);
  });

  it("need the role of what they do", async () => {
    const tokens = (["viewer", "operator", "admin"] as const).map((role) => ({ name: role, role, sha256: tokenHash(`${role}-token`) }));
    const { request } = await runningServer({ auth: { tokens } });
    const status = async (role: string, sql: string) =>
      (await request("POST", "/v1/statements", sql, { authorization: `Bearer ${role}-token` })).status;
    for (const [sql, least] of [
      ["SHOW SETTINGS; SET 'sink' = 'elastic';", "viewer"],
      ["PAUSE ALL;", "operator"],
      ["EXPLAIN ANALYZE SELECT id FROM readings;", "operator"],
      [HOT, "admin"],
      ["INSERT INTO readings (id) VALUES (1);", "admin"],
      ["CREATE STREAM a AS SELECT id FROM readings;", "admin"],
      ["CREATE STREAM b (id INT) WITH (topic = 'b'); DROP STREAM b DELETE TOPIC;", "admin"],
      ["DROP PIPELINE hot;", "admin"],
    ] as const) {
      const may = await Promise.all(tokens.map(async ({ role }) => (await status(role, sql)) !== 403));
      expect([sql, may]).toEqual([sql, [least === "viewer", least !== "admin", true]]);
    }
  });

  it("are in the audit log, with what they changed", async () => {
    const running = await runningServer();
    await execute(running, HOT, { name: "own" });
    await execute(running, "DROP PIPELINE own;");
    expect((await running.request("GET", "/v1/audit?limit=2")).body.items).toMatchObject([
      { operation: "executeStatements", sql: "DROP PIPELINE own;", changed: [{ pipeline: "own", change: "dropped" }], status: 200 },
      { operation: "executeStatements", sql: HOT, changed: [{ pipeline: "own", change: "made" }], status: 200 },
    ]);
  });

  it("are so many as one request may have", async () => {
    const running = await runningServer();
    expect(await execute(running, "SHOW SETTINGS;".repeat(1001))).toMatchObject({ status: 413, body: { code: "LIMIT_EXCEEDED" } });
    expect(await execute(running, "")).toMatchObject({ status: 200, body: { results: [] } });
  });
});
