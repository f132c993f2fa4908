import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Witness } from "../property/wrap-connection.ts";
import { Harness, record } from "./harness.ts";

const T = 1_700_000_000_000;

const DECLARE = `
  CREATE STREAM orders (id INT, device STRING, amount INT) WITH (topic = 'orders', key = 'device', partitions = 2);
  CREATE STREAM payments (device STRING, paid INT) WITH (topic = 'payments', key = 'device', partitions = 2);
  CREATE TABLE homes (device STRING PRIMARY KEY, room STRING, owner STRING) WITH (topic = 'homes', partitions = 2);
  CREATE TABLE rooms (room STRING PRIMARY KEY, floor INT) WITH (topic = 'rooms');
  CREATE TABLE devices (device STRING PRIMARY KEY, room STRING) WITH (topic = 'devices');
  CREATE TABLE meters (device STRING PRIMARY KEY, unit STRING) WITH (topic = 'meters');`;

describe("joins", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const keyed = (device: string, value: object | null, afterMs: number) =>
    record(value, { key: device, timestampMs: T + afterMs, partition: device.endsWith("1") ? 1 : 0 });
  const one = (key: string, value: object | null, afterMs: number) => record(value, { key, timestampMs: T + afterMs, partition: 0 });
  const documents = async (name: string): Promise<readonly string[]> => (await harness.tableTexts(name)).sort();

  it("enrich a stream by a table, which is read to its end first", async () => {
    await harness.append("homes", [keyed("a1", { room: "hall", owner: "x" }, 5000), keyed("b2", { room: "bath", owner: "y" }, 5000)], 2);
    await harness.append(
      "orders",
      [
        keyed("a1", { id: 1, device: "a1", amount: 5 }, 0),
        keyed("b2", { id: 2, device: "b2", amount: 6 }, 1),
        keyed("c3", { id: 3, device: "c3", amount: 7 }, 2),
      ],
      2,
    );
    const sql = `${DECLARE}
      INSERT INTO inner_rows SELECT o.id, o.amount, h.room FROM orders o JOIN homes h ON o.device = h.device;
      INSERT INTO left_rows SELECT o.id, h.room, h.owner FROM orders o LEFT JOIN homes h ON o.device = h.device WHERE o.amount > 5;`;
    const { last, statements } = await harness.run("p", sql);
    expect(last.kind).toBe("done");
    expect(await documents("inner_rows")).toEqual(['{"id":1,"amount":5,"room":"hall"}', '{"id":2,"amount":6,"room":"bath"}']);
    expect(await documents("left_rows")).toEqual(['{"id":2,"room":"bath","owner":"y"}', '{"id":3,"room":null,"owner":null}']);
    const [inner] = statements;
    expect(inner?.counters).toMatchObject({ in: 5, applied: 4, filtered: 1, late: 0, deadLettered: 0, sent: 2, written: 2 });
    expect(witness.sent.map(({ id }) => id).sort()).toEqual(["orders-0-0", "orders-0-0", "orders-0-1", "orders-1-0"]);
  });

  it("leave out what WHERE does not want of one side before they join, and judge errors of rows that have met alone", async () => {
    const order = (device: string, id: number, amount: unknown) => keyed(device, { id, device, amount }, id);
    await harness.append("orders", [order("a1", 1, 5), order("a1", 2, 7), order("a1", 3, "?"), order("b2", 4, "?"), order("a1", 5, 9)], 2);
    await harness.append("payments", [keyed("a1", { device: "a1", paid: 1 }, 6), keyed("a1", { device: "a1", paid: 2 }, 7)], 2);
    const where = "WHERE o.amount > 6 AND p.paid > 1";
    const join = (type: string) => `${type} JOIN payments p WITHIN 1 MINUTE ON o.device = p.device ${where}`;
    const sql = `${DECLARE} SET 'error.policy' = 'noop';
      INSERT INTO inner_rows SELECT o.id, p.paid FROM orders o ${join("")};
      INSERT INTO left_rows SELECT o.id, p.paid FROM orders o ${join("LEFT")};
      INSERT INTO right_rows SELECT o.id, p.paid FROM orders o ${join("RIGHT")};
      INSERT INTO full_rows SELECT o.id, p.paid FROM orders o ${join("FULL")};`;
    const { statements } = await harness.run("p", sql);
    const expected = ['{"id":2,"paid":2}', '{"id":5,"paid":2}'];
    for (const name of ["inner_rows", "left_rows", "right_rows", "full_rows"]) expect(await documents(name)).toEqual(expected);
    const [inner, left, right, full] = statements.map(({ counters }) => counters);
    // Order 3 cannot be judged: it meets what is left of the payments. Order 4 meets nothing, and waits.
    expect(inner).toMatchObject({ in: 7, applied: 5, filtered: 2, deadLettered: 0, sent: 3, rejected: 1 });
    expect(left).toMatchObject({ in: 7, applied: 6, filtered: 1, sent: 4, rejected: 2 });
    expect(right).toMatchObject({ in: 7, applied: 6, filtered: 1, sent: 3, rejected: 1 });
    expect(full).toMatchObject({ in: 7, applied: 7, filtered: 0, sent: 4, rejected: 2 });
  });

  it("end where a stream never had a record on a partition, and the table has", async () => {
    await harness.append("homes", [keyed("a1", { room: "hall" }, 0), keyed("b2", { room: "bath" }, 0)], 2);
    await harness.append("orders", [keyed("a1", { id: 1, device: "a1" }, 10)], 2);
    const { last, statements } = await harness.run(
      "p",
      `${DECLARE} INSERT INTO rows SELECT o.id, h.room FROM orders o JOIN homes h ON o.device = h.device;`,
    );
    expect(last.kind).toBe("done");
    expect(statements[0]).toMatchObject({ lag: 0, counters: { in: 3, written: 1 } });
  });

  it("go on from where they were, with the table as it was then", async () => {
    const sql = `${DECLARE} INSERT INTO rows SELECT o.id, h.room FROM orders o JOIN homes h ON o.device = h.device;`;
    await harness.append("homes", [keyed("a1", { room: "hall" }, 0)], 2);
    await harness.append("orders", [keyed("a1", { id: 1, device: "a1" }, 10)], 2);
    await harness.run("p", sql);
    await harness.append("orders", [keyed("a1", { id: 2, device: "a1" }, 20)], 2);
    await harness.append("homes", [keyed("a1", { room: "attic" }, 30)], 2);
    await harness.append("orders", [keyed("a1", { id: 3, device: "a1" }, 40)], 2);
    await harness.append("homes", [keyed("a1", null, 50)], 2);
    await harness.append("orders", [keyed("a1", { id: 4, device: "a1" }, 60)], 2);
    const { statements } = await harness.run("p", sql);
    expect(statements[0]?.counters).toMatchObject({ in: 7, applied: 6, filtered: 1 });
    // Records that lay there when the first run found the table quiet count as of then, all others by their own time.
    expect((await documents("rows")).slice(0, 2)).toEqual(['{"id":1,"room":"hall"}', '{"id":2,"room":"hall"}']);
    const again = await harness.run("p", sql);
    expect(again.statements[0]?.counters).toMatchObject({ in: 7, sent: statements[0]?.counters.sent });
  });

  it("know of a table all that it got before the first record of the stream came, in however many runs, and no more", async () => {
    const sql = `${DECLARE} INSERT INTO rows SELECT o.id, h.room FROM orders o JOIN homes h ON o.device = h.device;`;
    await harness.append("orders", [keyed("b2", { id: 0, device: "b2" }, 0)], 2);
    await harness.append("homes", [keyed("a1", { room: "hall" }, 1000)], 2);
    const first = await harness.run("p", sql);
    expect(first.statements[0]).toMatchObject({ lag: 0, counters: { in: 2, filtered: 1 } });
    await harness.append("homes", [keyed("a1", { room: "attic" }, 2000)], 2);
    await harness.append("orders", [keyed("a1", { id: 1, device: "a1" }, 10)], 2);
    await harness.run("p", sql);
    await harness.append("homes", [keyed("a1", { room: "cellar" }, 5000)], 2);
    await harness.append("orders", [keyed("a1", { id: 2, device: "a1" }, 20), keyed("a1", { id: 3, device: "a1" }, 6000)], 2);
    const { statements } = await harness.run("p", sql);
    expect(statements[0]?.counters).toMatchObject({ in: 7, applied: 6, filtered: 1, written: 3 });
    expect(await documents("rows")).toEqual(['{"id":1,"room":"attic"}', '{"id":2,"room":"attic"}', '{"id":3,"room":"cellar"}']);
  });

  it("match streams near to each other in time, and let go of what nothing can match any more", async () => {
    const sql = `${DECLARE}
      INSERT INTO both SELECT o.id, p.paid FROM orders o JOIN payments p WITHIN 10 SECONDS ON o.device = p.device;
      INSERT INTO orders_left SELECT o.id, p.paid FROM orders o LEFT JOIN payments p WITHIN 10 SECONDS ON o.device = p.device;
      INSERT INTO all_sides SELECT o.id, p.paid FROM orders o FULL JOIN payments p WITHIN 10 SECONDS ON o.device = p.device;`;
    await harness.append(
      "orders",
      [keyed("a1", { id: 1, device: "a1" }, 0), keyed("a1", { id: 2, device: "a1" }, 30_000), keyed("a1", { id: 3, device: "a1" }, 90_000)],
      2,
    );
    await harness.append("payments", [keyed("a1", { device: "a1", paid: 10 }, 5000), keyed("a1", { device: "a1", paid: 20 }, 60_000)], 2);
    const { last } = await harness.run("p", sql);
    expect(last.kind).toBe("done");
    expect(await documents("both")).toEqual(['{"id":1,"paid":10}']);
    expect(await documents("orders_left")).toEqual(['{"id":1,"paid":10}', '{"id":2,"paid":null}']);
    expect(await documents("all_sides")).toEqual(['{"id":1,"paid":10}', '{"id":2,"paid":null}', '{"id":null,"paid":20}']);
    await harness.run("p", sql, { close: true });
    expect(await documents("orders_left")).toEqual(['{"id":1,"paid":10}', '{"id":2,"paid":null}', '{"id":3,"paid":null}']);
    const ids = new Set(witness.sent.map(({ id }) => id));
    expect(ids).toContain("orders-1-0+payments-1-0");
    expect(ids).toContain("orders-1-1+payments-1-");
  });

  it("feed windows", async () => {
    const sql = `${DECLARE}
      INSERT INTO by_room SELECT h.room, SUM(o.amount) AS amount, COUNT(*) AS n FROM orders o JOIN homes h ON o.device = h.device
      WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY o.device, h.room EMIT FINAL;`;
    await harness.append("homes", [keyed("a1", { room: "hall" }, 0)], 2);
    await harness.append(
      "orders",
      [0, 10, 59_999, 60_000, 125_000].map((ms) =>
        keyed("a1", { id: ms, device: "a1", amount: 1 }, Math.floor(T / 60_000 + 1) * 60_000 - T + ms),
      ),
      2,
    );
    await harness.run("p", sql);
    expect(await documents("by_room")).toEqual(['{"room":"hall","amount":1,"n":1}', '{"room":"hall","amount":3,"n":3}']);
    await harness.run("p", sql, { close: true });
    expect(await documents("by_room")).toHaveLength(3);
  });

  it("make a table of tables, by key and by another field", async () => {
    const sql = `${DECLARE}
      INSERT INTO by_key SELECT d.room, m.unit FROM devices d FULL JOIN meters m ON d.device = m.device;
      INSERT INTO by_room SELECT d.room, r.floor FROM devices d LEFT JOIN rooms r ON d.room = r.room;`;
    await harness.append("devices", [one("a", { room: "hall" }, 0), one("b", { room: "bath" }, 1)]);
    await harness.append("meters", [one("a", { unit: "W" }, 2), one("c", { unit: "C" }, 3)]);
    await harness.append("rooms", [one("hall", { floor: 1 }, 4)]);
    const first = await harness.run("p", sql);
    expect(first.last.kind).toBe("done");
    expect(await documents("by_key")).toEqual(['{"room":"bath","unit":null}', '{"room":"hall","unit":"W"}', '{"room":null,"unit":"C"}']);
    expect(await documents("by_room")).toEqual(['{"room":"bath","floor":null}', '{"room":"hall","floor":1}']);
    await harness.append("meters", [one("c", null, 10), one("a", { unit: "kW" }, 11)]);
    await harness.append("rooms", [one("bath", { floor: 2 }, 12), one("hall", null, 13)]);
    await harness.append("devices", [one("b", null, 14)]);
    await harness.run("p", sql);
    expect(await documents("by_key")).toEqual(['{"room":"hall","unit":"kW"}']);
    expect(await documents("by_room")).toEqual(['{"room":"hall","floor":null}']);
  });

  it("find rows of tables by the record key, also where a field of the value equals it", async () => {
    const sql = `
      CREATE TABLE l (id STRING, a INT) WITH (topic = 'l', key = 'id');
      CREATE TABLE r (id STRING, b INT) WITH (topic = 'r', key = 'id');
      INSERT INTO both SELECT l.a, r.b FROM l LEFT JOIN r ON l.id = r.id;`;
    await harness.append("l", [one("x", { id: "x", a: 1 }, 0), one("y", { id: "y", a: 2 }, 1), one("x", null, 5)]);
    await harness.append("r", [one("x", { id: "x", b: 3 }, 2), one("y", { id: "y", b: 4 }, 3), one("y", null, 6)]);
    const { statements } = await harness.run("p", sql);
    expect(statements[0]).toMatchObject({ state: "finished", counters: { in: 6, applied: 6, deadLettered: 0 } });
    expect(await documents("both")).toEqual(['{"a":2,"b":null}']);
  });

  it("join a stream with what the same pipeline computes of it", async () => {
    const sql = `
      CREATE STREAM bids (id INT, price INT) WITH (topic = 'bids');
      CREATE STREAM highest WITH (partitions = 1) AS
        SELECT window_start, window_end, MAX(price) AS price FROM bids WINDOW TUMBLING (SIZE 10 SECONDS) EMIT FINAL;
      INSERT INTO best SELECT b.id, b.price FROM bids b JOIN highest h WITHIN 10 SECONDS ON b.price = h.price
        WHERE b._timestamp >= h.window_start AND b._timestamp < h.window_end;`;
    const prices = [3, 9, 4, 8, 9, 2, 5, 7];
    await harness.append(
      "bids",
      prices.map((price, id) => one("k", { id, price }, 10_000 + id * 4000)),
    );
    const { last, statements } = await harness.run("p", sql, { close: true });
    expect([last.kind, ...statements.map(({ state }) => state)]).toEqual(["done", "finished", "finished"]);
    const byWindow = new Map<number, number>();
    for (const [id, price] of prices.entries()) {
      const window = Math.floor((T + 10_000 + id * 4000) / 10_000);
      byWindow.set(window, Math.max(price, byWindow.get(window) ?? 0));
    }
    const best = prices.flatMap((price, id) =>
      byWindow.get(Math.floor((T + 10_000 + id * 4000) / 10_000)) === price ? [`{"id":${id},"price":${price}}`] : [],
    );
    expect(await documents("best")).toEqual(best.sort());
  });

  it("write all that undeclared records have, under names of their own", async () => {
    await harness.append("left", [one("k", { id: "k", x: 1, both: { a: [1, 2] } }, 0), one("m", { id: "m", x: 2 }, 1)]);
    await harness.append("right", [one("k", { id: "k", y: 2, both: "r" }, 5)]);
    const join = "FROM left AS l LEFT JOIN right AS r WITHIN 10 SECONDS ON l.id = r.id";
    const sql = `
      CREATE TABLE homes (id STRING PRIMARY KEY, room STRING) WITH (topic = 'homes');
      INSERT INTO every SELECT * ${join};
      INSERT INTO rights SELECT l.x, r.* ${join};
      INSERT INTO renamed SELECT *, l.x + 1 AS x ${join} IGNORE both;
      INSERT INTO with_table SELECT * FROM left AS l JOIN homes AS h ON l.id = h.id;`;
    await harness.append("homes", [one("k", { room: "hall" }, 0)]);
    const { last } = await harness.run("p", sql, { close: true });
    expect(last.kind).toBe("done");
    expect(await documents("every")).toEqual(['{"id":"k","x":1,"both":{"a":[1,2]},"id_1":"k","y":2,"both_1":"r"}', '{"id":"m","x":2}']);
    expect(await documents("rights")).toEqual(['{"x":1,"id":"k","y":2,"both":"r"}', '{"x":2}']);
    expect(await documents("renamed")).toEqual(['{"x":2,"id":"k","id_1":"k","y":2}', '{"x":3,"id":"m"}']);
    expect(await documents("with_table")).toEqual(['{"id":"k","room":"hall","id_1":"k","x":1,"both":{"a":[1,2]}}']);
  });
});
