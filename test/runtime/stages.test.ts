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

  it("give windows that change as a table: what was counted of them is taken back", async () => {
    const stage = (more: string) => `(SELECT device, window_start AS minute, COUNT(*) AS n FROM r
      WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 MINUTES) GROUP BY device ${more} EMIT CHANGES)`;
    const sql = `${DECLARE}
      INSERT INTO loads SELECT n, COUNT(*) AS windows FROM ${stage("")} GROUP BY n;
      INSERT INTO busy SELECT device, minute, n FROM ${stage("HAVING COUNT(*) > 1")};
      INSERT INTO quiet SELECT minute, device, n FROM ${stage("HAVING COUNT(*) < 2")} WHERE device <> 'c';`;
    await harness.append("r", [
      reading("a", "x", 1, 0),
      reading("b", "x", 1, 1),
      reading("a", "x", 1, 61_000),
      reading("c", "x", 1, 62_000),
    ]);
    const first = await harness.run("p", sql);
    expect(first.last.kind).toBe("done");
    const start = (minute: number): string => new Date(T + minute * 60_000).toISOString();
    expect(await documents("loads")).toEqual(['{"n":1,"windows":4}']);
    expect(await documents("busy")).toEqual([]);
    expect(await documents("quiet")).toHaveLength(3);
    await harness.append("r", [reading("a", "x", 1, 2), reading("b", "x", 1, 90_000), reading("a", "x", 1, 3)]);
    const { statements } = await harness.run("p", sql);
    expect(await documents("loads")).toEqual(['{"n":1,"windows":4}', '{"n":3,"windows":1}']);
    expect(await documents("busy")).toEqual([`{"device":"a","minute":"${start(0)}","n":3}`]);
    expect((await documents("quiet")).map((text) => JSON.parse(text) as unknown)).toEqual([
      { minute: start(0), device: "b", n: 1 },
      { minute: start(1), device: "a", n: 1 },
      { minute: start(1), device: "b", n: 1 },
    ]);
    for (const { counters } of statements) expect(counters).toMatchObject({ in: 7, applied: 7 });
  });

  it("of sessions that change delete what is nobody's any more", async () => {
    const sql = `${DECLARE}
      INSERT INTO lengths SELECT n, COUNT(*) AS sessions FROM (SELECT device, window_start AS start, COUNT(*) AS n FROM r
        WINDOW SESSION (GAP 10 SECONDS, GRACE PERIOD 1 HOUR) GROUP BY device EMIT CHANGES) GROUP BY n;`;
    await harness.append("r", [reading("a", "x", 1, 0), reading("a", "x", 1, 15_000), reading("b", "x", 1, 0)]);
    await harness.run("p", sql);
    expect(await documents("lengths")).toEqual(['{"n":1,"sessions":3}']);
    await harness.append("r", [reading("a", "x", 1, 8_000)]);
    await harness.run("p", sql);
    expect(await documents("lengths")).toEqual(['{"n":1,"sessions":1}', '{"n":3,"sessions":1}']);
  });

  it("give distinct rows, once each", async () => {
    const sql = `${DECLARE}
      WITH pairs AS (SELECT DISTINCT device, room FROM r)
      INSERT INTO rooms SELECT room, COUNT(*) AS devices FROM pairs GROUP BY room;
      INSERT INTO pairs SELECT device, room FROM (SELECT DISTINCT device, room FROM r) WHERE room <> 'hall';
      INSERT INTO per_minute SELECT device, COUNT(*) AS minutes, COUNT(DISTINCT room) AS rooms
        FROM (SELECT DISTINCT device, room FROM r WINDOW TUMBLING (SIZE 1 MINUTE)) GROUP BY device;`;
    await harness.append("r", [
      reading("a", "hall", 1, 0),
      reading("a", "hall", 2, 1),
      reading("b", "hall", 1, 2),
      reading("a", "bath", 1, 61_000),
      reading("a", "hall", 1, 62_000),
    ]);
    await harness.run("p", sql, { close: true });
    expect(await documents("rooms")).toEqual(['{"room":"bath","devices":1}', '{"room":"hall","devices":2}']);
    expect(await documents("pairs")).toEqual(['{"device":"a","room":"bath"}']);
    expect(await documents("per_minute")).toEqual(['{"device":"a","minutes":3,"rooms":2}', '{"device":"b","minutes":1,"rooms":1}']);
  });

  it("that change are told apart by all that they are grouped by", () => {
    const rows = `${DECLARE} INSERT INTO x SELECT n FROM (SELECT device, COUNT(*) AS n FROM r WINDOW TUMBLING (SIZE 1 MINUTE)
      GROUP BY device EMIT CHANGES);`;
    expect(() => harness.plan("p", rows)).toThrow("the inner SELECT has to give them, window_start among them");
    const pk = `${DECLARE} INSERT INTO x SELECT device, minute, n FROM (SELECT device, window_start AS minute, COUNT(*) AS n FROM r
      WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT CHANGES) PK device;`;
    expect(() => harness.plan("p", pk)).toThrow("PK device, minute, or leave PK out");
  });
});
