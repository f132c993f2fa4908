import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Harness, record } from "./harness.ts";

const T = 1_700_000_040_000;
const iso = (seconds: number): string => new Date(T + seconds * 1000).toISOString();

const DECLARE = `
  CREATE STREAM l (id STRING, at BIGINT, x INT) WITH (topic = 'l', key = 'id');
  CREATE STREAM r (id STRING, at BIGINT, y INT) WITH (topic = 'r', key = 'id');
  CREATE TABLE t (id STRING PRIMARY KEY, z INT) WITH (topic = 't');`;

describe("times in joins", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.dispose());

  /** `at`: event time in s, `after`: record timestamp. */
  const row = (id: string, at: number, after: number, more: object) =>
    record({ id, at: Math.floor(T / 1000) + at, ...more }, { key: id, timestampMs: T + after * 1000 });
  const documents = async (name: string): Promise<readonly string[]> => (await harness.tableTexts(name)).sort();

  it("EVENTTIME BY makes the time of the side that it names, of the other its timestamp counts", async () => {
    await harness.append("l", [row("a", 0, 100, { x: 1 }), row("a", 50, 101, { x: 2 })]);
    await harness.append("r", [row("a", 0, 101, { y: 1 }), row("a", 40, 110, { y: 2 })]);
    const both = "SELECT l.x, r.y FROM l JOIN r WITHIN 5 SECONDS ON l.id = r.id";
    const sql = `${DECLARE}
      INSERT INTO lefts ${both} EVENTTIME BY l.at * 1000 + 60000;
      INSERT INTO rights ${both} EVENTTIME BY r.at * 1000 + 60000;
      INSERT INTO neither ${both};`;
    const { last } = await harness.run("p", sql);
    expect(last.kind).toBe("done");
    // l at 60 and 110 with r at 101 and 110; l at 100 and 101 with r at 60 and 100; timestamps 100, 101 with 101, 110.
    expect(await documents("lefts")).toEqual(['{"x":2,"y":2}']);
    expect(await documents("rights")).toEqual(['{"x":1,"y":2}', '{"x":2,"y":2}']);
    expect(await documents("neither")).toEqual(['{"x":1,"y":1}', '{"x":2,"y":1}']);
  });

  it("SET 'time' = 'ingestion' counts on both sides", async () => {
    const declare = DECLARE.replaceAll("key = 'id')", "key = 'id', timestamp = 'at')");
    const far = (id: string, at: number, after: number, more: object) =>
      record({ id, at: T + at * 1000, ...more }, { key: id, timestampMs: T + after * 1000 });
    await harness.append("l", [far("a", 0, 100, { x: 1 })]);
    await harness.append("r", [far("a", 50, 101, { y: 1 })]);
    const both = "SELECT l.x, r.y FROM l JOIN r WITHIN 5 SECONDS ON l.id = r.id;";
    await harness.run("p", `${declare} INSERT INTO by_event ${both}`);
    await harness.run("q", `${declare} SET 'time' = 'ingestion'; INSERT INTO by_timestamp ${both}`);
    expect(await documents("by_event")).toEqual([]);
    expect(await documents("by_timestamp")).toEqual(['{"x":1,"y":1}']);
  });

  it("a timestamp that is far ahead moves no stream time, of joins as of stages", async () => {
    const ahead = Date.now() - T + 400 * 86_400_000;
    const at = (id: string, ms: number, more: object) => record({ id, ...more }, { key: id, timestampMs: T + ms });
    await harness.append("l", [at("a", 0, { x: 1 }), at("b", ahead, { x: 2 }), at("a", 3_000, { x: 3 })]);
    await harness.append("r", [at("a", 2_000, { y: 1 }), at("b", 2_500, { y: 2 })]);
    const sql = `${DECLARE}
      INSERT INTO both SELECT l.x, r.y FROM l LEFT JOIN r WITHIN 5 SECONDS ON l.id = r.id;
      INSERT INTO sums SELECT id, window_start AS at, MAX(s) AS s
        FROM (SELECT id, SUM(x) OVER (PARTITION BY id ORDER BY _offset) AS s FROM l)
        WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY id EMIT FINAL;`;
    const { statements } = await harness.run("p", sql, { close: true });
    expect(await documents("both")).toEqual(['{"x":1,"y":1}', '{"x":2,"y":null}', '{"x":3,"y":1}']);
    const windowOf = (ms: number): string => new Date(Math.floor((T + ms) / 60_000) * 60_000).toISOString();
    expect(await documents("sums")).toEqual([`{"id":"a","at":"${windowOf(0)}","s":4}`, `{"id":"b","at":"${windowOf(ahead)}","s":2}`]);
    expect(statements.map(({ counters: { late, applied } }) => [late, applied])).toEqual([
      [0, 5],
      [0, 3],
    ]);
  });

  it("records that come too late for a join go to the target of LATE INTO, from both sides", async () => {
    await harness.append("l", [row("a", 0, 0, { x: 1 }), row("a", 0, 60, { x: 2 }), row("b", 0, 1, { x: 3 })]);
    await harness.append("r", [row("a", 0, 61, { y: 1 }), row("c", 0, 2, { y: 2 })]);
    const sql = `${DECLARE} INSERT INTO rows SELECT l.x, r.y FROM l LEFT JOIN r WITHIN 5 SECONDS ON l.id = r.id LATE INTO late;`;
    const { statements, messages } = await harness.run("p", sql);
    expect(statements[0]?.counters).toMatchObject({ in: 5, applied: 3, late: 2, sent: 4, written: 4, deadLettered: 0 });
    expect(await documents("rows")).toEqual(['{"x":1,"y":null}', '{"x":2,"y":1}']);
    const at = Math.floor(T / 1000);
    expect(await documents("late")).toEqual([`{"id":"b","at":${at},"x":3}`, `{"id":"c","at":${at},"y":2}`]);
    const told = messages.flatMap((message) => (message.kind === "late" ? [message.error] : []));
    expect(told[0]).toMatchObject({ code: "RECORD_LATE", topic: "l", partition: 0, offset: 2 });
    expect(told[0]?.message).toBe(`all that a record of ${iso(1)} could match is over`);
  });

  it("records of a stream that is joined to a table are late for windows, and counted so", async () => {
    await harness.append("t", [record({ z: 7 }, { key: "a", timestampMs: T })]);
    await harness.append("l", [row("a", 0, 0, { x: 1 }), row("a", 0, 70, { x: 2 }), row("a", 0, 5, { x: 3 }), row("b", 0, 6, { x: 4 })]);
    const sql = `${DECLARE} INSERT INTO sums SELECT l.id, t.z, SUM(l.x) AS x FROM l JOIN t ON l.id = t.id
      WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY l.id, t.z EMIT FINAL LATE INTO late;`;
    const { statements } = await harness.run("p", sql, { close: true });
    expect(statements[0]?.counters).toMatchObject({ in: 5, applied: 3, filtered: 1, late: 1 });
    expect(await documents("sums")).toEqual(['{"id":"a","z":7,"x":1}', '{"id":"a","z":7,"x":2}']);
    expect(await documents("late")).toEqual([`{"id":"a","at":${Math.floor(T / 1000)},"x":3}`]);
    const again = await harness.run("p", sql);
    expect(again.statements[0]?.counters).toMatchObject({ in: 5, applied: 3, filtered: 1, late: 1 });
  });

  it("EVENTTIME BY takes fields of one stream", () => {
    const mixed = `${DECLARE} INSERT INTO x SELECT l.x FROM l JOIN r WITHIN 1 HOUR ON l.id = r.id EVENTTIME BY l.at + r.at;`;
    expect(() => harness.plan("p", mixed)).toThrow("EVENTTIME BY is made of fields of 'l' and 'r', and a record has its time before");
    const table = `${DECLARE} INSERT INTO x SELECT l.x FROM l JOIN t ON l.id = t.id EVENTTIME BY t.z * 1000;`;
    expect(() => harness.plan("p", table)).toThrow("'t' is a table, whose rows count until they are replaced");
  });
});
