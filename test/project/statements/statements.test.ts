import { describe, expect, it } from "vitest";
import { TestSession } from "./session.ts";

const READINGS = `CREATE STREAM readings (id STRING, time TIMESTAMP, temperature DOUBLE, count INT)
  WITH (key = 'id', timestamp = 'time', partitions = 2);`;

describe("a session of statements", () => {
  it("keeps what SET, DEFINE and CREATE said, also for later texts", async () => {
    const session = await TestSession.open();
    await session.run(`DEFINE topic = 'readings'; SET 'error.policy' = 'noop'; ${READINGS}`);
    expect(await session.rows("SHOW VARIABLES")).toEqual([["topic", "readings"]]);
    const shown = await session.last("SHOW SETTINGS");
    expect(shown).toMatchObject({ columns: ["setting", "value", "from"] });
    expect(await session.rows("SHOW SETTINGS")).toContainEqual(["error.policy", "noop", "SET"]);
    expect(await session.rows("SHOW STREAMS")).toEqual([["readings", "stream", "embedded", "readings"]]);
    await session.run("UNDEFINE topic; UNSET 'error.policy'; DROP STREAM readings;");
    expect(await session.rows("SHOW SETTINGS")).toContainEqual(["error.policy", "throw", "initial"]);
    expect([await session.rows("SHOW VARIABLES"), await session.rows("SHOW STREAMS")]).toEqual([[], []]);
    expect(await session.refusal("SELECT * FROM ${topic}")).toContain("UNKNOWN_VARIABLE");
  });

  it("executes nothing of a text that cannot be parsed, and stops at the first error of others", async () => {
    const session = await TestSession.open();
    expect(await session.run("DEFINE a = '1'; SHOW EVERYTHING;")).toHaveLength(1);
    expect(await session.rows("SHOW VARIABLES")).toEqual([]);
    const shown = await session.run("DEFINE a = '1'; DESCRIBE FUNCTION substrin; DEFINE b = '2';");
    expect(shown).toHaveLength(2);
    expect(shown[1]).toEqual({ errors: [expect.stringMatching(/UNKNOWN_FUNCTION[\s\S]*did you mean substring\?/)] });
    expect(await session.rows("SHOW VARIABLES")).toEqual([["a", "1"]]);
  });

  it("replaces a declaration only where it says so", async () => {
    const session = await TestSession.open();
    expect(await session.refusal("CREATE STREAM s (a INT); CREATE STREAM s (b INT);")).toContain("the stream 's' is declared already");
    await session.run("CREATE STREAM IF NOT EXISTS s (b INT);");
    expect(await session.rows("DESCRIBE s")).toEqual([["a", "INT", ""]]);
    await session.run("CREATE OR REPLACE STREAM s (b INT);");
    expect(await session.rows("DESCRIBE s")).toEqual([["b", "INT", ""]]);
    expect(await session.last("DROP STREAM IF EXISTS other")).toEqual({ message: "other is not declared" });
    expect(await session.refusal("DROP STREAM t")).toMatch(/UNKNOWN_RELATION[\s\S]*did you mean s\?/);
    expect(await session.refusal("DROP TABLE s")).toContain("'s' is a stream");
  });

  it("refuses what runs for ever", async () => {
    const session = await TestSession.open();
    for (const sql of ["INSERT INTO a SELECT * FROM b", "CREATE STREAM a AS SELECT * FROM b"]) {
      expect(await session.refusal(sql)).toContain("as part of a pipeline");
    }
    for (const command of ["PAUSE PIPELINE p", "RESUME p", "RESTART p", "PAUSE ALL"]) {
      expect(await session.refusal(command)).toContain("is for pipelines that a server runs");
    }
  });
});

describe("SELECT", () => {
  it("counts what lies in several partitions", async () => {
    const session = await TestSession.open();
    const values = Array.from({ length: 20 }, (_, n) => `('k${n}', NULL, ${n}, ${n % 3})`);
    await session.run(`${READINGS.replace(", timestamp = 'time'", "")} INSERT INTO readings VALUES ${values.join(", ")};`);
    expect(await session.rows("SELECT COUNT(*) AS n, SUM(temperature) AS total FROM readings")).toEqual([{ n: 20, total: 190 }]);
    const groups = await session.rows("SELECT count, COUNT(*) AS n FROM readings GROUP BY count");
    expect(groups.map((row) => JSON.stringify(row)).sort()).toEqual(['{"count":0,"n":7}', '{"count":1,"n":7}', '{"count":2,"n":6}']);
    expect(await session.rows("SHOW TOPICS")).toEqual([["embedded", "readings", 2]]);
  });
});

describe("INSERT … VALUES", () => {
  it("writes records as their columns are declared", async () => {
    const session = await TestSession.open();
    await session.run(READINGS);
    expect(await session.last("INSERT INTO readings VALUES ('a', '2026-01-02T03:04:05Z', 1 + 1.5, 2.0), ('b', NULL, 3, NULL)")).toEqual({
      message: "2 records to embedded.readings",
    });
    expect(await session.rows("PRINT readings")).toEqual([
      {
        key: "a",
        value: { id: "a", time: "2026-01-02T03:04:05.000Z", temperature: 2.5, count: 2 },
        timestamp: "2026-01-02T03:04:05.000Z",
        partition: expect.any(Number),
        offset: expect.any(Number),
        headers: {},
      },
      expect.objectContaining({ key: "b", value: { id: "b", time: null, temperature: 3, count: null } }),
    ]);
    expect(await session.rows("SHOW TOPICS EXTENDED")).toEqual([["embedded", "readings", 2, 2, false, "readings"]]);
  });

  it("is read again by SELECT with those of KCQL's clauses that need no target", async () => {
    const session = await TestSession.open();
    await session.run("CREATE STREAM n (a INT, b INT) WITH (partitions = 1); INSERT INTO n VALUES (1, 2), (3, 4), (5, 6), (7, 8)");
    expect(await session.rows("SELECT * FROM n IGNORE b SAMPLE 1 EVERY 2")).toEqual([{ a: 1 }, { a: 5 }]);
    expect(await session.rows("SELECT b FROM n WITHOFFSET (0, 3) WITHSTRUCTURE")).toEqual([{ b: 8 }]);
    expect(await session.refusal("SELECT a FROM n PK a")).toContain("PK belongs to a target, and this SELECT has none");
  });

  it("gives the event time of now where none is given, and NULL for other columns", async () => {
    const session = await TestSession.open();
    await session.run(`${READINGS} INSERT INTO readings (id, temperature) VALUES ('a', 1);`);
    const [record] = (await session.rows("PRINT readings")) as { value: { time: string; count: null }; timestamp: string }[];
    expect([record?.value.time, record?.value.count]).toEqual([record?.timestamp, null]);
    expect(await session.rows("SELECT id, temperature FROM readings")).toEqual([{ id: "a", temperature: 1 }]);
  });

  it("knows every type", async () => {
    const session = await TestSession.open();
    await session.run(`CREATE STREAM all_types (big BIGINT, price DECIMAL(10, 2), ok BOOLEAN, day DATE, at TIME, pause INTERVAL, data BYTES,
      list ARRAY<INT>, tags MAP<STRING, DOUBLE>, room STRUCT<name STRING, floor INT>);
      INSERT INTO all_types VALUES (9007199254740993, 12.345, TRUE, '2026-03-04', '14:30:00', '1 day', encode('ab'),
        ARRAY[1, 2], MAP('a' := 1.5), STRUCT(name := 'x', floor := 2));`);
    const [record] = (await session.rows("PRINT all_types FROM BEGINNING")) as { value: object }[];
    expect(record?.value).toEqual({
      big: 9007199254740992,
      price: 12.35,
      ok: true,
      day: "2026-03-04",
      at: "14:30:00",
      pause: "P1D",
      data: "YWI=",
      list: [1, 2],
      tags: { a: 1.5 },
      room: { name: "x", floor: 2 },
    });
  });

  it("takes any columns of an undeclared topic, with key and time", async () => {
    const session = await TestSession.open();
    await session.run("INSERT INTO loose (a, _key, _timestamp) VALUES (1, 'k', '2026-01-01T00:00:00Z'), ('x', 'l', 1700000000000)");
    expect(await session.rows("SELECT _key AS key, _timestamp AS at, a FROM loose")).toEqual([
      { key: "k", at: "2026-01-01T00:00:00.000Z", a: 1 },
      { key: "l", at: "2023-11-14T22:13:20.000Z", a: "x" },
    ]);
  });

  it.each([
    ["INSERT INTO readings (id, tmperature) VALUES ('a', 1)", "did you mean temperature?"],
    ["INSERT INTO readings (id, count) VALUES ('a', 'many')", "the column 'count' is INT, the value STRING"],
    ["INSERT INTO readings (id, time) VALUES ('a', 'yesterday')", "'yesterday' is no TIMESTAMP"],
    ["INSERT INTO readings VALUES ('a')", "1 values for 4 columns"],
    ["INSERT INTO readings (id) VALUES (a)", "VALUES has no field 'a'"],
    ["INSERT INTO loose VALUES (1)", "nothing says which columns"],
  ])("refuses %s", async (sql, why) => {
    const session = await TestSession.open();
    expect(await session.refusal(`${READINGS} ${sql}`)).toContain(why);
  });

  it("writes no row where one cannot be computed", async () => {
    const session = await TestSession.open();
    const rows = "INSERT INTO readings (id, count) VALUES ('a', 1), ('b', 3000000000)";
    await expect(session.run(`${READINGS} ${rows}`)).rejects.toMatchObject({ code: "RECORD_TYPE" });
    expect(await session.rows("SHOW TOPICS")).toEqual([]);
  });
});

describe("columns of keys and headers", () => {
  it("are written to the key and the headers", async () => {
    const session = await TestSession.open();
    await session.run(`CREATE TABLE devices (id INT PRIMARY KEY, name STRING, trace STRING HEADER('trace-id'));
      INSERT INTO devices VALUES (7, 'Lab', 't1');`);
    expect(await session.rows("PRINT devices FROM BEGINNING")).toEqual([
      expect.objectContaining({ key: 7, value: { name: "Lab" }, headers: { "trace-id": "t1" } }),
    ]);
    expect(await session.rows("DESCRIBE devices")).toEqual([
      ["id", "INT", "key"],
      ["name", "STRING", ""],
      ["trace", "STRING", "header 'trace-id'"],
    ]);
    expect(await session.rows("SHOW TABLES")).toEqual([["devices", "table", "embedded", "devices"]]);
  });

  it("are the fields of a JSON key where there are several", async () => {
    const session = await TestSession.open();
    await session.run("CREATE STREAM s (a INT KEY, b STRING KEY, c INT); INSERT INTO s VALUES (1, 'x', 2);");
    expect(await session.rows("PRINT s FROM BEGINNING")).toEqual([expect.objectContaining({ key: { a: 1, b: "x" }, value: { c: 2 } })]);
  });

  it.each([
    ["CREATE TABLE t (a INT)", "KEY_REQUIRED"],
    ["CREATE TABLE t (a INT KEY)", "write PRIMARY KEY"],
    ["CREATE STREAM t (a INT PRIMARY KEY)", "write KEY"],
    ["CREATE STREAM t (a INT KEY, b INT) WITH (key = 'b')", "the key is given twice"],
    ["CREATE STREAM t (a INT KEY, b INT KEY) WITH (key_format = 'string')", "'json' holds all of them"],
  ])("are checked: %s", async (sql, why) => {
    expect(await (await TestSession.open()).refusal(sql)).toContain(why);
  });
});

describe("PRINT", () => {
  it("takes every nth record, so many of them, and tells what the formats may be", async () => {
    const session = await TestSession.open();
    const rows = Array.from({ length: 10 }, (_, index) => `(${index}, 'k${index}')`).join(", ");
    await session.run(`INSERT INTO t (n, _key) VALUES ${rows}`);
    const printed = (await session.rows("PRINT t FROM BEGINNING INTERVAL 3 LIMIT 2")) as { value: { n: number } }[];
    expect(printed.map(({ value }) => value.n)).toEqual([0, 3]);
    expect(session.events).toContainEqual({ kind: "note", text: "key format: string; value format: json or string" });
  });

  it("says which topic may have been meant", async () => {
    const session = await TestSession.open();
    await session.run("INSERT INTO readings (a) VALUES (1)");
    await expect(session.run("PRINT reading")).rejects.toMatchObject({ code: "TOPIC_MISSING", hint: "did you mean readings?" });
  });

  it("follows the topic until it is stopped", async () => {
    const session = await TestSession.open({}, { untilEnd: false });
    await session.run("INSERT INTO t (a) VALUES (1)");
    const printing = session.rows("PRINT t FROM BEGINNING LIMIT 2");
    await session.run("INSERT INTO t (a) VALUES (2)");
    expect(await printing).toHaveLength(2);
  });
});

describe("DESCRIBE", () => {
  it("shows what the records of an undeclared topic have in common", async () => {
    const session = await TestSession.open();
    await session.run("INSERT INTO t (id, n, _key) VALUES ('a', 1, 'a'), ('b', 2, 'b')");
    expect(await session.last("DESCRIBE t")).toEqual({
      columns: ["column", "type", "role", "presence"],
      rows: [
        ["id", "STRING", "equals the key", 1],
        ["n", "BIGINT", "", 1],
      ],
    });
    expect(session.events).toEqual([{ kind: "note", text: "t is not declared: columns of 2 sampled records of t" }]);
  });

  it("knows functions, connections and relations that are written to", async () => {
    const session = await TestSession.open({ "queries/p.sql": "INSERT INTO sums SELECT COUNT(*) AS n FROM t;" });
    expect(await session.rows("DESCRIBE FUNCTION substr")).toContainEqual(["function", "substring(text, start[, length])"]);
    expect(await session.rows("DESCRIBE CONNECTION embedded")).toContainEqual(["kind", "embedded"]);
    expect(await session.refusal("DESCRIBE CONNECTION embeded")).toContain("did you mean embedded?");
    expect(await session.rows("DESCRIBE PIPELINE p")).toEqual([["sums#1", "embedded.t", "embedded.sums", null, null, null, null, null]]);
    await expect(session.run("DESCRIBE nothing")).rejects.toMatchObject({ code: "TOPIC_MISSING" });
  });
});

describe("EXPLAIN", () => {
  it("shows the plan of SELECT and INSERT", async () => {
    const session = await TestSession.open();
    const lines = await session.rows(`${READINGS} EXPLAIN SELECT id FROM readings WHERE temperature > 2`);
    expect(lines.flat().join("\n")).toMatch(/route[\s\S]*project[\s\S]*filter {2}\(temperature > 2\)[\s\S]*scan/);
    expect((await session.rows("EXPLAIN INSERT INTO hot SELECT * FROM readings")).flat().join("\n")).toContain("to table embedded.hot");
  });

  it("counts with ANALYZE what passed each step, and writes nothing", async () => {
    const session = await TestSession.open();
    const rows = Array.from({ length: 9 }, (_, index) => `('d${index % 3}', '2026-01-01T00:00:0${index}Z', ${index}, 1)`).join(", ");
    await session.run(`${READINGS} INSERT INTO readings VALUES ${rows};`);
    const sql = `EXPLAIN ANALYZE INSERT INTO sums SELECT id, COUNT(*) AS n FROM readings WHERE temperature > 2
      WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY id`;
    const plan = (await session.rows(sql)).flat().join("\n");
    for (const part of ["[9 records]", "[6 passed, 3 filtered]", "[6 applied, 0 late]", "[3 rows]"]) expect(plan).toContain(part);
    expect(await session.rows("SHOW TABLES")).toEqual([]);
  });
});

describe("ASSERT", () => {
  it("passes over records in their order", async () => {
    const session = await TestSession.open();
    await session.run("CREATE STREAM s (id STRING KEY, n INT); INSERT INTO s VALUES ('a', 1), ('a', 2);");
    await session.run("ASSERT VALUES s (id, n) VALUES ('a', 1); ASSERT VALUES s (n) VALUES (2);");
    await expect(session.run("ASSERT VALUES s (id, n) VALUES ('a', 2);")).rejects.toMatchObject({
      code: "ASSERTION_FAILED",
      message: 's: nothing was written that could be {"id":"a","n":2}',
    });
  });

  it("reads records of every format", async () => {
    const session = await TestSession.open();
    await session.run(`CREATE STREAM s (id INT KEY, n INT, name STRING) WITH (format = 'delimited', key_format = 'kafka');
      INSERT INTO s VALUES (7, 1, 'x,y');`);
    expect(await session.rows("PRINT s FROM BEGINNING")).toEqual([expect.objectContaining({ key: 7, value: '1,"x,y"' })]);
    expect(await session.rows("SELECT id, n, name FROM s")).toEqual([{ id: 7, n: 1, name: "x,y" }]);
    await session.last("ASSERT VALUES s VALUES (7, 1, 'x,y')");
  });

  it("shows the difference", async () => {
    const session = await TestSession.open();
    await session.run("CREATE STREAM s (id STRING KEY, n INT); INSERT INTO s VALUES ('a', 1);");
    await expect(session.run("ASSERT VALUES s VALUES ('a', 2);")).rejects.toThrow("s: n is 1, not 2");
    await expect(session.run("ASSERT NULL VALUES s (id) KEY ('a');")).rejects.toThrow("the next record is no deletion");
  });

  it("compares declarations and topics", async () => {
    const session = await TestSession.open();
    await session.run(`${READINGS} INSERT INTO readings (id) VALUES ('a');`);
    await session.last("ASSERT STREAM readings (id STRING, time TIMESTAMP, temperature DOUBLE, count INT) WITH (key = 'id')");
    await session.run("CREATE STREAM lines (a STRING, b INT) WITH (value_format = 'delimited');");
    await session.last("ASSERT STREAM lines WITH (value_format = 'DELIMITED')");
    await session.last("ASSERT TOPIC readings WITH (partitions = 2)");
    await session.last("ASSERT NOT EXISTS TOPIC other TIMEOUT 10 MILLISECONDS");
    const wrong = {
      "ASSERT STREAM readings (id INT)": "the column 'id' is STRING, not INT",
      "ASSERT STREAM readings WITH (partitions = 3)": "partitions is 2, not 3",
      "ASSERT STREAM lines WITH (format = 'json')": 'format is "delimited", not "json"',
      "ASSERT TABLE readings": "it is a stream",
      "ASSERT STREAM other": "it is not declared",
      "ASSERT TOPIC other": "there is no such topic",
      "ASSERT TOPIC readings WITH (partitions = 4)": "it has 2 partitions, not 4",
    };
    for (const [sql, why] of Object.entries(wrong)) await expect(session.run(sql), sql).rejects.toThrow(why);
  });
});
