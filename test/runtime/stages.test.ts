import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Witness } from "../property/wrap-connection.ts";
import { Harness, record } from "./harness.ts";

const T = 1_700_000_100_000;

const DECLARE = "CREATE STREAM r (device STRING, room STRING, t INT) WITH (topic = 'r', key = 'device');";

describe("stages of WITH", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const reading = (device: string, room: string, t: number, afterMs: number) =>
    record({ device, room, t }, { key: device, timestampMs: T + afterMs, partition: 0 });
  const documents = async (name: string): Promise<readonly string[]> => (await harness.tableTexts(name)).sort();

  it("give final windows to the windows of the SELECT that reads them", async () => {
    const sql = `${DECLARE}
      WITH per_minute AS (SELECT device, window_start AS minute, MAX(t) AS hottest FROM r WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device)
      INSERT INTO hours SELECT device, window_start, COUNT(*) AS minutes, SUM(hottest) AS sum FROM per_minute
      WINDOW TUMBLING (SIZE 5 MINUTES) GROUP BY device EMIT FINAL;`;
    const minutes = [0, 0, 1, 2, 4, 5, 6, 11];
    await harness.append(
      "r",
      minutes.map((minute, index) => reading("a", "x", index, minute * 60_000)),
    );
    const first = await harness.run("p", sql);
    expect(first.last.kind).toBe("done");
    expect(first.statements[0]?.counters).toMatchObject({ in: 8, applied: 8, filtered: 0, late: 0 });
    await harness.run("p", sql, { close: true });
    expect(
      (await documents("hours")).map((text) => JSON.parse(text) as { minutes: number; sum: number }).map(({ minutes: n, sum }) => [n, sum]),
    ).toEqual([
      [4, 1 + 2 + 3 + 4],
      [2, 5 + 6],
      [1, 7],
    ]);
  });

  it("give groups that change as a table, which is taken back", async () => {
    const sql = `${DECLARE}
      WITH latest AS (SELECT device, LATEST_BY_OFFSET(room) AS room, COUNT(*) AS n FROM r GROUP BY device)
      INSERT INTO rooms SELECT room, COUNT(*) AS devices, SUM(n) AS readings FROM latest GROUP BY room;
      INSERT INTO busy SELECT device, n FROM (SELECT device, COUNT(*) AS n FROM r GROUP BY device) WHERE n > 1;`;
    await harness.append("r", [reading("a", "hall", 1, 0), reading("b", "hall", 1, 1), reading("a", "bath", 1, 2)]);
    const { last, statements } = await harness.run("p", sql);
    expect(last.kind).toBe("done");
    expect(statements.map(({ state }) => state)).toEqual(["finished", "finished"]);
    expect(await documents("rooms")).toEqual(['{"room":"bath","devices":1,"readings":2}', '{"room":"hall","devices":1,"readings":1}']);
    expect(await documents("busy")).toEqual(['{"device":"a","n":2}']);
    await harness.append("r", [reading("b", "bath", 1, 3)]);
    await harness.run("p", sql);
    expect(await documents("rooms")).toEqual(['{"room":"bath","devices":2,"readings":4}']);
    expect(await documents("busy")).toEqual(['{"device":"a","n":2}', '{"device":"b","n":2}']);
  });

  it("give their groups as the key of records, also to a topic", async () => {
    const sql = `${DECLARE}
      INSERT INTO busy SELECT device, n FROM (SELECT device, COUNT(*) AS n FROM r WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device)
        WHERE n > 1;
      CREATE STREAM hot WITH (partitions = 1) AS
        SELECT device, n FROM (SELECT device, COUNT(*) AS n FROM r WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device);`;
    await harness.append("r", [reading("a", "x", 1, 0), reading("b", "x", 1, 1), reading("a", "x", 1, 2)]);
    await harness.run("p", sql, { close: true });
    expect(await documents("busy")).toEqual(['{"device":"a","n":2}']);
    expect((await harness.records("hot")).map(({ key }) => key?.toString())).toEqual(["a", "b"]);
    expect([...new Set(witness.sent.map(({ id }) => id))].sort()).toEqual(["r-0-3-0", "r-0-3-1"]);
  });
});
