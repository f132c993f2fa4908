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
});
