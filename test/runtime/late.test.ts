import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { Gates } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

const START = 1_700_000_040_000;
const iso = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const at = (device: string, seconds: number, more: object = {}) =>
  record({ device, time: iso(seconds), ...more }, { key: device, timestampMs: START + seconds * 1000 });

const DECLARE = "CREATE STREAM readings (device STRING, time TIMESTAMP) WITH (key = 'device', timestamp = 'time');";
const counts = (target: string, size: string, late: string): string =>
  `INSERT INTO ${target} SELECT device, window_start, COUNT(*) AS n FROM readings
    WINDOW TUMBLING (SIZE ${size}) GROUP BY device EMIT FINAL LATE INTO ${late};`;
const LATE_TOPIC = "CREATE STREAM late_s (device STRING) WITH (topic = 'late', partitions = 1);";

describe("records that are late for all their windows", () => {
  let harness = new Harness();
  afterEach(() => harness.dispose());

  it("go on as they are: value, key, timestamp, and their place in the log as id", async () => {
    harness = new Harness();
    const pretty = `{\n  "device": "a", "x": [1,\n 2], "time": ${JSON.stringify(iso(5))}}`;
    await harness.append("readings", [at("a", 1), at("a", 70), record(pretty, { key: "a", timestampMs: START + 5000 }), at("b", 3)]);
    const { statements, messages } = await harness.run("p", `${DECLARE} ${LATE_TOPIC} ${counts("minutes", "1 MINUTE", "late_s")}`);
    expect(statements[0]?.counters).toMatchObject({ in: 4, applied: 2, late: 2, sent: 3, written: 3 });
    const [first, second] = await harness.records("late");
    expect(first).toMatchObject({ key: "a", timestampMs: START + 5000 });
    expect(JSON.parse(must(first?.value))).toEqual({ device: "a", x: [1, 2], time: iso(5) });
    expect(first?.value).not.toContain("\n");
    expect(second).toMatchObject({ key: "b", value: JSON.stringify({ device: "b", time: iso(3) }) });
    const told = messages.flatMap((message) => (message.kind === "late" ? [message.error] : []));
    expect(told).toMatchObject([{ code: "RECORD_LATE", topic: "readings", partition: 0, offset: 2 }]);
    expect(must(told[0]).message).toBe(`the windows of ${iso(5)} are closed`);
  });

  it("of two statements are kept for each, and once however often they are sent", async () => {
    const gates = new Gates();
    harness = new Harness(gates.wrap);
    await harness.append("readings", [at("a", 1), at("a", 70), at("a", 5), at("a", 6)]);
    const sql = `SET 'retry.interval' = 1; SET 'max.retries' = 100000; SET 'commit.interval' = 1;
      ${DECLARE} ${counts("minutes", "1 MINUTE", "late")} ${counts("halves", "30 SECONDS", "late")}`;
    gates.shut.add("late");
    const { handle, messages, ended } = harness.start("p", sql, { until: "follow" });
    await until(() => messages.some((message) => message.kind === "trouble"), "the late route to be tried");
    handle.stop(50);
    const stopped = await ended;
    // What the late route has not acknowledged holds the cursor.
    for (const { partitions } of stopped.statements) expect(must(partitions[0]).durable).toBeLessThan(4);
    gates.shut.clear();
    const { statements } = await harness.run("p", sql);
    expect(await harness.table("late")).toHaveLength(4);
    for (const { counters } of statements) {
      expect(counters).toMatchObject({ in: 4, applied: 2, late: 2 });
      expect(counters.sent).toBe(counters.written + counters.superseded);
    }
  });

  it("of other formats are objects of their columns", async () => {
    harness = new Harness();
    const row = (text: string, seconds: number) => record(text, { key: "k", timestampMs: START + seconds * 1000 });
    await harness.append("lines", [row("a,1.50", 1), row("b,2", 70), row('"c,d",3', 5)]);
    const sql = `CREATE STREAM lines (device STRING, v DOUBLE) WITH (format = 'delimited');
      INSERT INTO minutes SELECT device, COUNT(*) AS n FROM lines WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device LATE INTO late;`;
    const { statements } = await harness.run("p", sql);
    expect(statements[0]?.counters).toMatchObject({ in: 3, applied: 2, late: 1 });
    expect(await harness.table("late")).toEqual([{ device: "c,d", v: 3 }]);
  });

  it("cannot go where they would come back, or be mixed with results", () => {
    harness = new Harness();
    expect(() => harness.plan("p", `${DECLARE} ${counts("minutes", "1 MINUTE", "readings")}`)).toThrow(/it would never end/);
    expect(() => harness.plan("p", `${DECLARE} ${counts("minutes", "1 MINUTE", "minutes")}`)).toThrow(/a target of its own/);
    expect(() =>
      harness.plan("p", `${DECLARE} CREATE STREAM l (a INT) WITH (topic = 'l', format = 'delimited'); ${counts("m", "1 MINUTE", "l")}`),
    ).toThrow(/declared as delimited/);
  });
});
