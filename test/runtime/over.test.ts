import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Witness } from "../property/wrap-connection.ts";
import { Harness, record } from "./harness.ts";

const T = 1_700_000_100_000;

describe("OVER", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness(new Witness().wrap);
  });
  afterEach(() => harness.dispose());

  const reading = (car: string, t: number | null, afterMs: number) =>
    record({ car, t, ts: T + afterMs }, { key: car, timestampMs: T + afterMs, partition: 0 });
  const documents = (name: string): Promise<readonly string[]> => harness.tableTexts(name);

  it("tells of what changes: hysteresis, through a stage over a stage, across restarts", async () => {
    const sql = `CREATE STREAM cars (car STRING, t DOUBLE, ts TIMESTAMP) WITH (topic = 'cars', key = 'car', timestamp = 'ts');
      INSERT INTO alarms SELECT car, ts, hot FROM (
        SELECT car, ts, hot, LAG(hot) OVER (PARTITION BY car ORDER BY ts) AS was FROM (
          SELECT car, ts, LAST_VALUE(CASE WHEN t > 110 THEN TRUE WHEN t < 100 THEN FALSE END IGNORE NULLS)
            OVER (PARTITION BY car ORDER BY ts ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS hot
          FROM cars
        )
      ) WHERE hot IS DISTINCT FROM COALESCE(was, FALSE);`;
    await harness.append("cars", [
      reading("a", 90, 0),
      reading("a", 105, 1),
      reading("a", 111, 2),
      reading("b", 120, 3),
      reading("a", 105, 4),
    ]);
    const first = await harness.run("p", sql);
    expect(first.last.kind).toBe("done");
    const counters = { in: 5, applied: 5, filtered: 0, late: 0, deadLettered: 0, sent: 2, written: 2 };
    expect(first.statements).toMatchObject([{ state: "finished", counters }]);
    const hot = ['{"car":"a","ts":"2023-11-14T22:15:00.002Z","hot":true}', '{"car":"b","ts":"2023-11-14T22:15:00.003Z","hot":true}'];
    expect(await documents("alarms")).toEqual(hot);
    await harness.append("cars", [reading("a", 99, 5), reading("a", 105, 6), reading("b", 112, 7)]);
    await harness.run("p", sql);
    expect(await documents("alarms")).toEqual([...hot, '{"car":"a","ts":"2023-11-14T22:15:00.005Z","hot":false}']);
  });

  const CARS =
    "CREATE STREAM cars (car STRING, t DOUBLE, ts TIMESTAMP, at STRUCT<x INT, y INT>) WITH (topic = 'cars', key = 'car', timestamp = 'ts');";
  const counters = (ended: Awaited<ReturnType<Harness["run"]>>): unknown => ended.statements.map((statement) => statement.counters);

  it("looks back on results of windows", async () => {
    const sql = `${CARS}
      WITH counts AS (SELECT car, window_end AS until, COUNT(*) AS n FROM cars WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY car)
      INSERT INTO trend SELECT car, until, n, n - LAG(n, 1, 0) OVER (PARTITION BY car ORDER BY until) AS more FROM counts;`;
    const at = [0, 1, 1000, 1001, 1002, 3000];
    await harness.append(
      "cars",
      at.map((afterMs) => reading("a", 1, afterMs)),
    );
    await harness.run("p", sql, { close: true });
    expect((await documents("trend")).map((row) => JSON.parse(row))).toEqual([
      { car: "a", until: new Date(T + 1000).toISOString(), n: 2, more: 2 },
      { car: "a", until: new Date(T + 2000).toISOString(), n: 3, more: 1 },
      { car: "a", until: new Date(T + 4000).toISOString(), n: 1, more: -2 },
    ]);
  });

  it("looks back on joined rows, and groups are made of what it gives", async () => {
    await harness.append("owners", [record({ name: "Ann" }, { key: "a", timestampMs: T, partition: 0 })]);
    const sql = `${CARS}
      CREATE TABLE owners (car STRING PRIMARY KEY, name STRING) WITH (topic = 'owners');
      INSERT INTO hops SELECT car, name, hop FROM (
        SELECT c.car AS car, o.name AS name, c.t - LAG(c.t) OVER (PARTITION BY c.car ORDER BY c.ts) AS hop
        FROM cars AS c LEFT JOIN owners AS o ON c.car = o.car
      ) WHERE hop IS NOT NULL;
      INSERT INTO ups SELECT car, COUNT(*) AS n FROM (
        SELECT car, t, LAG(t) OVER (PARTITION BY car ORDER BY ts) AS was FROM cars
      ) WHERE t > was GROUP BY car;`;
    await harness.append("cars", [reading("a", 1, 0), reading("b", 5, 1), reading("a", 4, 2), reading("b", 6, 3)]);
    await harness.run("p", sql);
    await harness.append("cars", [reading("a", 2, 4), reading("b", 9, 5)]);
    await harness.run("p", sql);
    expect(await documents("hops")).toEqual([
      '{"car":"a","name":"Ann","hop":3}',
      '{"car":"b","name":null,"hop":1}',
      '{"car":"a","name":"Ann","hop":-2}',
      '{"car":"b","name":null,"hop":3}',
    ]);
    expect((await documents("ups")).toSorted()).toEqual(['{"car":"a","n":1}', '{"car":"b","n":2}']);
  });

  it("gives keys, members of values and columns that it does not look at", async () => {
    const sql = `${CARS}
      INSERT INTO seen SELECT _key AS k, last.x AS x, at.y AS y, round FROM (
        SELECT at, ROUND(t) AS round, LAG(at) OVER (PARTITION BY car ORDER BY ts) AS last FROM cars
      );`;
    const place = (x: number, afterMs: number) =>
      record({ car: "a", t: 1.4, ts: T + afterMs, at: { x, y: x * 2 } }, { key: "a", timestampMs: T, partition: 0 });
    await harness.append("cars", [place(1, 0), place(2, 1)]);
    await harness.run("p", sql);
    expect(await documents("seen")).toEqual(['{"k":"a","x":null,"y":2,"round":1}', '{"k":"a","x":1,"y":4,"round":1}']);
  });

  it("counts what cannot be taken, and looks back past it", async () => {
    const sql = `SET 'error.policy' = 'noop'; ${CARS}
      INSERT INTO sums SELECT car, SUM(t) OVER (PARTITION BY car ORDER BY ts) AS total FROM cars WHERE car <> 'none';`;
    const bad = record({ car: "a", t: "warm", ts: T + 1 }, { key: "a", timestampMs: T + 1, partition: 0 });
    await harness.append("cars", [reading("a", 1, 0), bad, reading("none", 1, 2), reading("a", 2, 3)]);
    const ended = await harness.run("p", sql);
    expect(counters(ended)).toMatchObject([{ in: 4, applied: 2, filtered: 1, late: 0, deadLettered: 1 }]);
    expect(await documents("sums")).toEqual(['{"car":"a","total":1}', '{"car":"a","total":3}']);
  });

  it("stops at what cannot be taken, and goes on before it", async () => {
    const sql = `${CARS} INSERT INTO sums SELECT car, SUM(t) OVER (PARTITION BY car ORDER BY ts) AS total FROM cars;`;
    const bad = record({ car: "a", t: "warm", ts: T + 1 }, { key: "a", timestampMs: T + 1, partition: 0 });
    await harness.append("cars", [reading("a", 1, 0), bad, reading("a", 2, 3)]);
    const { statements } = await harness.run("p", sql);
    expect(statements).toMatchObject([{ state: "failed" }]);
    const skipping = await harness.run("p", `SET 'error.policy' = 'noop'; ${sql}`);
    expect(skipping.statements).toMatchObject([{ state: "finished" }]);
    expect(await documents("sums")).toEqual(['{"car":"a","total":1}', '{"car":"a","total":3}']);
  });

  it("goes by EVENTTIME BY; what is behind in a frame of time is late", async () => {
    const sql = `CREATE STREAM cars (car STRING, t DOUBLE, ts BIGINT) WITH (topic = 'cars', key = 'car');
      INSERT INTO means SELECT car, AVG(t) OVER (PARTITION BY car ORDER BY ts RANGE INTERVAL '1' SECOND PRECEDING) AS mean FROM cars
      EVENTTIME BY ts;`;
    await harness.append("cars", [
      reading("a", 1, 0),
      reading("a", 3, 900),
      reading("a", 7, 800),
      reading("b", 7, 800),
      reading("a", 5, 1500),
    ]);
    const ended = await harness.run("p", sql);
    expect(counters(ended)).toMatchObject([{ in: 5, applied: 4, late: 1 }]);
    expect(await documents("means")).toEqual([
      '{"car":"a","mean":1}',
      '{"car":"a","mean":2}',
      '{"car":"b","mean":7}',
      '{"car":"a","mean":4}',
    ]);
  });

  it.each([
    ["undeclared values", "t", ["1", '"a\\n\u00e9"', "true", '{"a":[1,2.5]}', "12345678901234567890", "null", "[]", "1.25"]],
    ["BIGINT", "t BIGINT", ["1", "9007199254740993", "null", "-9223372036854775808"]],
    ["DECIMAL", "t DECIMAL(10, 2)", ["1.50", "null", "-3.05"]],
    ["TIMESTAMP", "t TIMESTAMP", ['"2024-02-29T01:02:03.004Z"', "null", "1700000000000"]],
    ["DATE", "t DATE", ['"2024-02-29"', "null"]],
    ["BYTES", "t BYTES", ['"AAEC"', "null", '""']],
    ["ARRAY", "t ARRAY<DECIMAL(5, 1)>", ["[1.5,null]", "null", "[]"]],
  ])("gives back values of every kind as they were, without PARTITION BY: %s", async (_kind, column, texts) => {
    const declare = column === "t" ? "" : `CREATE STREAM v (id INT, ${column}) WITH (topic = 'v', partitions = 1);`;
    const sql = `${declare}
      INSERT INTO plain SELECT id, t FROM v;
      INSERT INTO lagged SELECT id, was FROM (SELECT id - 1 AS id, LAG(t) OVER (ORDER BY _offset) AS was FROM v);
      INSERT INTO framed SELECT id, FIRST_VALUE(t) OVER (ORDER BY _offset ROWS BETWEEN CURRENT ROW AND CURRENT ROW) AS t FROM v;`;
    const records = texts.map((text, id) => ({
      ...record({}),
      value: Buffer.from(`{"id":${id},"t":${text}}`),
      timestampMs: T + id,
      partition: 0,
    }));
    await harness.append("v", records.slice(0, 2));
    await harness.run("p", sql);
    await harness.append("v", records.slice(2));
    const { statements } = await harness.run("p", sql);
    expect(statements.map(({ state }) => state)).toEqual(["finished", "finished", "finished"]);
    const plain = await documents("plain");
    expect(plain).toHaveLength(texts.length);
    expect(await documents("framed")).toEqual(plain);
    const lagged = (await documents("lagged")).map((row) => row.replace('"was"', '"t"'));
    expect(lagged.slice(1)).toEqual(plain.slice(0, -1));
  });

  it("gives texts with escapes that can be computed with", async () => {
    const sql = `CREATE STREAM v (id INT, t STRING) WITH (topic = 'v', partitions = 1);
      INSERT INTO sizes SELECT id, LENGTH(was) AS n, was || '!' AS loud FROM (SELECT id, LAG(t) OVER (ORDER BY _offset) AS was FROM v);`;
    const texts = ['a"b\n', "plain", "\u{1f600}"];
    const records = texts.map((t, id) => record({ id, t }, { key: "k", timestampMs: T + id, partition: 0 }));
    await harness.append("v", records);
    await harness.run("p", sql);
    expect((await documents("sizes")).map((row) => JSON.parse(row))).toEqual([
      { id: 0, n: null, loud: null },
      { id: 1, n: 4, loud: 'a"b\n!' },
      { id: 2, n: 5, loud: "plain!" },
    ]);
  });
});
