import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Witness } from "../property/wrap-connection.ts";
import { Harness, record } from "./harness.ts";

const T = 1_700_000_040_000;

const DECLARE = `
  CREATE STREAM orders (id INT, device STRING, amount INT) WITH (topic = 'orders', key = 'device');
  CREATE STREAM readings (device STRING, t INT) WITH (topic = 'readings', key = 'device');
  CREATE STREAM timed (device STRING, at TIMESTAMP) WITH (topic = 'timed', key = 'device', timestamp = 'at');
  CREATE TABLE homes (device STRING PRIMARY KEY, room STRING, floor INT) WITH (topic = 'homes');`;

describe("joins of stages and sub-queries", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const one = (device: string, value: object | null, afterMs: number) =>
    record(value === null ? null : { device, ...value }, { key: device, timestampMs: T + afterMs, partition: 0 });
  const home = (device: string, value: object | null, afterMs: number) =>
    record(value, { key: device, timestampMs: T + afterMs, partition: 0 });
  const documents = async (name: string): Promise<readonly string[]> => (await harness.tableTexts(name)).sort();
  const at = (afterMs: number): string => new Date(T + afterMs).toISOString();

  it("filter and compute the rows of a table: one that is filtered away is no row of it", async () => {
    const sql = `${DECLARE}
      INSERT INTO inner_rows SELECT o.id, h.place FROM orders o
        JOIN (SELECT device, upper(room) AS place FROM homes WHERE floor > 0) h ON o.device = h.device;
      INSERT INTO left_rows SELECT o.id, h.place, coalesce(h.place, 'none') AS some FROM orders o
        LEFT JOIN (SELECT device AS of, coalesce(upper(room), '?') AS place FROM homes WHERE floor > 0) h ON o.device = h.of;`;
    await harness.append("homes", [
      home("a", { room: "hall", floor: 1 }, 0),
      home("b", { room: "bath", floor: 0 }, 0),
      home("c", { floor: 2 }, 0),
    ]);
    await harness.append("orders", [one("a", { id: 1 }, 10), one("b", { id: 2 }, 11), one("c", { id: 3 }, 12), one("d", { id: 4 }, 13)]);
    const { last, statements } = await harness.run("p", sql);
    expect(last.kind).toBe("done");
    expect(await documents("inner_rows")).toEqual(['{"id":1,"place":"HALL"}', '{"id":3,"place":null}']);
    expect(statements[0]?.counters).toMatchObject({ in: 7, late: 0, deadLettered: 0, sent: 2 });
    expect(await documents("left_rows")).toEqual([
      '{"id":1,"place":"HALL","some":"HALL"}',
      '{"id":2,"place":null,"some":"none"}',
      '{"id":3,"place":"?","some":"?"}',
      '{"id":4,"place":null,"some":"none"}',
    ]);
    await harness.append("homes", [
      home("a", { room: "hall", floor: 0 }, 20),
      home("b", { room: "loft", floor: 3 }, 20),
      home("c", null, 20),
    ]);
    await harness.append("orders", [one("a", { id: 5 }, 30), one("b", { id: 6 }, 31), one("c", { id: 7 }, 32)]);
    await harness.run("p", sql);
    expect((await documents("left_rows")).slice(4)).toEqual([
      '{"id":5,"place":null,"some":"none"}',
      '{"id":6,"place":"LOFT","some":"LOFT"}',
      '{"id":7,"place":null,"some":"none"}',
    ]);
    expect((await documents("inner_rows")).slice(2)).toEqual(['{"id":6,"place":"LOFT"}']);
  });

  it("enrich a stream by groups as they are at its record's place, whatever the barriers", async () => {
    const sql = `${DECLARE}
      WITH counts AS (SELECT device, COUNT(*) AS n, SUM(t) AS sum FROM readings GROUP BY device)
      INSERT INTO rows SELECT o.id, c.n, c.sum FROM orders o LEFT JOIN counts c ON o.device = c.device;`;
    const wanted = ['{"id":1,"n":null,"sum":null}', '{"id":2,"n":2,"sum":3}', '{"id":3,"n":1,"sum":9}', '{"id":4,"n":3,"sum":8}'];
    const give = async (): Promise<void> => {
      await harness.append("readings", [one("a", { t: 1 }, 10), one("a", { t: 2 }, 20), one("b", { t: 9 }, 21), one("a", { t: 5 }, 40)]);
      await harness.append("orders", [one("a", { id: 1 }, 5), one("a", { id: 2 }, 30), one("b", { id: 3 }, 31), one("a", { id: 4 }, 50)]);
    };
    await give();
    const { statements } = await harness.run("p", sql);
    expect(await documents("rows")).toEqual(wanted);
    expect(statements[0]?.counters).toMatchObject({ in: 8, applied: 8, filtered: 0, late: 0, sent: 4 });
  });

  it("meet results of windows at the end of these, by the stream time of both", async () => {
    const sql = `${DECLARE}
      INSERT INTO rows SELECT o.id, w.minute, w.n FROM orders o
        JOIN (SELECT device, window_start AS minute, COUNT(*) AS n FROM readings WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device) w
        WITHIN 1 MINUTE ON o.device = w.device;`;
    await harness.append("readings", [
      one("a", { t: 1 }, 1000),
      one("a", { t: 2 }, 2000),
      one("b", { t: 9 }, 3000),
      one("a", { t: 3 }, 119_000),
    ]);
    // The record at two minutes closes the second minute, of which the readings have shown nothing later.
    await harness.append("orders", [
      one("a", { id: 1 }, 50_000),
      one("b", { id: 2 }, 70_000),
      one("a", { id: 3 }, 120_000),
      one("a", { id: 4 }, 190_000),
    ]);
    const { statements } = await harness.run("p", sql);
    expect(await documents("rows")).toEqual([
      `{"id":1,"minute":"${at(0)}","n":2}`,
      `{"id":2,"minute":"${at(0)}","n":1}`,
      `{"id":3,"minute":"${at(60_000)}","n":1}`,
    ]);
    expect(statements[0]?.counters).toMatchObject({ in: 8, applied: 8, filtered: 0, late: 0, sent: 3 });
    expect(new Set(witness.sent.map(({ id }) => id)).size).toBe(3);
  });

  it("are read by FROM, and joined to a table and to another stage", async () => {
    const minutes = (topic: string) =>
      `(SELECT device, window_start AS minute, COUNT(*) AS n FROM ${topic} WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device)`;
    const sql = `${DECLARE}
      INSERT INTO by_room SELECT w.device, w.minute, w.n, h.room FROM ${minutes("readings")} w LEFT JOIN homes h ON w.device = h.device;
      INSERT INTO both SELECT r.device AS device, r.minute AS minute, r.n AS readings, o.n AS orders FROM ${minutes("readings")} r
        FULL JOIN ${minutes("orders")} o WITHIN 1 SECOND ON r.device = o.device AND r.minute = o.minute;`;
    await harness.append("homes", [home("a", { room: "hall" }, 0)]);
    await harness.append("readings", [one("a", { t: 1 }, 0), one("a", { t: 2 }, 1), one("b", { t: 3 }, 2), one("a", { t: 4 }, 61_000)]);
    await harness.append("orders", [one("a", { id: 1 }, 3), one("c", { id: 2 }, 4), one("a", { id: 3 }, 125_000)]);
    const { last, statements } = await harness.run("p", sql, { close: true });
    expect(last.kind).toBe("done");
    expect(await documents("by_room")).toEqual([
      `{"device":"a","minute":"${at(0)}","n":2,"room":"hall"}`,
      `{"device":"a","minute":"${at(60_000)}","n":1,"room":"hall"}`,
      `{"device":"b","minute":"${at(0)}","n":1,"room":null}`,
    ]);
    expect(await documents("both")).toEqual([
      `{"device":"a","minute":"${at(0)}","readings":2,"orders":1}`,
      `{"device":"a","minute":"${at(60_000)}","readings":1,"orders":null}`,
      `{"device":"b","minute":"${at(0)}","readings":1,"orders":null}`,
      `{"device":null,"minute":null,"readings":null,"orders":1}`,
      `{"device":null,"minute":null,"readings":null,"orders":1}`,
    ]);
    for (const { counters } of statements) expect(counters).toMatchObject({ late: 0, filtered: 0, deadLettered: 0 });
  });

  it("are tables that are joined to tables, and lose rows", async () => {
    const sql = `${DECLARE}
      INSERT INTO rows SELECT h.device, h.room, c.n FROM homes h
        JOIN (SELECT device, COUNT(*) AS n FROM readings GROUP BY device HAVING COUNT(*) < 3) c ON h.device = c.device;
      INSERT INTO rooms SELECT h.room, SUM(c.n) AS n FROM (SELECT device, COUNT(*) AS n FROM readings GROUP BY device) c
        JOIN homes h ON c.device = h.device GROUP BY h.room;`;
    await harness.append("homes", [home("a", { room: "hall" }, 0), home("b", { room: "hall" }, 1), home("c", { room: "bath" }, 2)]);
    await harness.append("readings", [one("a", { t: 1 }, 10), one("b", { t: 1 }, 11), one("a", { t: 1 }, 12)]);
    await harness.run("p", sql);
    expect(await documents("rows")).toEqual(['{"device":"a","room":"hall","n":2}', '{"device":"b","room":"hall","n":1}']);
    expect(await documents("rooms")).toEqual(['{"room":"hall","n":3}']);
    await harness.append("readings", [one("a", { t: 1 }, 20), one("c", { t: 1 }, 21)]);
    await harness.append("homes", [home("b", { room: "bath" }, 30)]);
    await harness.run("p", sql);
    expect(await documents("rows")).toEqual(['{"device":"b","room":"bath","n":1}', '{"device":"c","room":"bath","n":1}']);
    expect(await documents("rooms")).toEqual(['{"room":"bath","n":2}', '{"room":"hall","n":3}']);
  });

  it("give the same, record by record with a restart after each, as in one run", async () => {
    const sql = `${DECLARE}
      INSERT INTO rows SELECT o.id, w.minute, w.n, h.room FROM (SELECT id, device FROM orders WHERE id <> 3) o
        LEFT JOIN (SELECT device, window_start AS minute, COUNT(*) AS n FROM timed
          WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 30 SECONDS) GROUP BY device) w WITHIN 2 MINUTES ON o.device = w.device
        LEFT JOIN homes h ON o.device = h.device;`;
    const timed = (device: string, eventMs: number, afterMs: number) => one(device, { at: T + eventMs }, afterMs);
    const given = [
      ["homes", home("a", { room: "hall" }, -5000)],
      ["orders", one("a", { id: 1 }, 0)],
      ["timed", timed("a", 1000, 1000)],
      ["timed", timed("b", 70_000, 70_000)],
      ["timed", timed("a", 59_000, 71_000)],
      ["orders", one("b", { id: 2 }, 95_000)],
      ["orders", one("a", { id: 3 }, 96_000)],
      ["timed", timed("a", 58_000, 97_000)],
      ["timed", timed("b", 200_000, 200_000)],
      ["orders", one("a", { id: 4 }, 260_000)],
      ["orders", one("c", { id: 5 }, 600_000)],
    ] as const;
    for (const [topic, row] of given) await harness.append(topic, [row]);
    const { statements } = await harness.run("whole", sql.replace("INTO rows", "INTO whole_rows"), { close: true });
    expect(statements[0]?.counters).toMatchObject({ in: 11, late: 1, deadLettered: 0 });
    const whole = await documents("whole_rows");
    const ids = new Set(witness.sent.map(({ id }) => id));
    expect(whole.length).toBe(4);
    expect(whole.join()).toContain('"n":2');
    const parts = new Harness();
    try {
      for (const [topic, row] of given) {
        await parts.append(topic, [row]);
        await parts.run("parts", sql, { close: topic === "orders" && row === given.at(-1)?.[1] });
      }
      expect((await parts.tableTexts("rows")).sort()).toEqual(whole);
    } finally {
      await parts.dispose();
    }
    expect(ids.size).toBe(whole.length);
  });

  it.each([
    ["TUMBLING (SIZE 1 MINUTE)", "", ['{"device":"a","n":2}', '{"device":"a","n":1}']],
    [
      "HOPPING (SIZE 1 MINUTE, ADVANCE 30 SECONDS)",
      "",
      ['{"device":"a","n":1}', '{"device":"a","n":2}', '{"device":"a","n":1}', '{"device":"a","n":1}', '{"device":"a","n":1}'],
    ],
    ["SESSION (GAP 30 SECONDS)", "", ['{"device":"a","n":2}', '{"device":"a","n":1}']],
    ["CUMULATING (SIZE 1 MINUTE, STEP 30 SECONDS)", "", ['{"device":"a","n":1}', '{"device":"a","n":2}', '{"device":"a","n":1}']],
    ["COUNT (SIZE 2)", "", ['{"device":"a","n":2}', '{"device":"a","n":1}']],
  ])("are behind windows, as joins of topics are: %s", async (window) => {
    const joins = {
      stream: "orders o JOIN readings r WITHIN 1 SECOND ON o.device = r.device",
      table: "orders o JOIN homes h ON o.device = h.device",
      stage: "orders o JOIN (SELECT device, COUNT(*) AS n FROM homes GROUP BY device) h ON o.device = h.device",
    };
    const plain = `INSERT INTO plain SELECT device, window_start, COUNT(*) AS n FROM orders WINDOW ${window} GROUP BY device EMIT FINAL;`;
    const joined = Object.entries(joins).map(
      ([name, from]) =>
        `INSERT INTO by_${name} SELECT o.device, window_start, COUNT(*) AS n FROM ${from} WINDOW ${window} GROUP BY o.device EMIT FINAL;`,
    );
    await harness.append("homes", [home("a", { room: "hall" }, 0)]);
    const times = [1000, 32_000, 95_000];
    await harness.append(
      "readings",
      times.map((afterMs) => one("a", { t: 1 }, afterMs)),
    );
    await harness.append(
      "orders",
      times.map((afterMs, id) => one("a", { id }, afterMs)),
    );
    const { last } = await harness.run("p", `${DECLARE} ${plain} ${joined.join("\n")}`, { close: true });
    expect(last.kind).toBe("done");
    const wanted = await documents("plain");
    expect(wanted.length).toBeGreaterThan(1);
    for (const name of Object.keys(joins)) expect(await documents(`by_${name}`), name).toEqual(wanted);
  });

  it("join within themselves: to what reads them these are rows", async () => {
    const inner = `(SELECT o.id AS id, o.device AS device, r.t AS t FROM orders o
      LEFT JOIN readings r WITHIN 2 SECONDS ON o.device = r.device WHERE o.id > 0)`;
    const sql = `${DECLARE}
      INSERT INTO rows SELECT id, coalesce(t, -1) AS t FROM ${inner} WHERE id < 4;
      INSERT INTO placed SELECT j.id, j.t, h.room FROM ${inner} j JOIN homes h ON j.device = h.device;
      INSERT INTO groups SELECT device, COUNT(t) AS n FROM ${inner} WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT FINAL;`;
    await harness.append("homes", [home("a", { room: "hall" }, 0)]);
    await harness.append("readings", [one("a", { t: 7 }, 1000), one("a", { t: 8 }, 1001), one("b", { t: 9 }, 9000)]);
    await harness.append(
      "orders",
      [0, 1, 2, 3, 4].map((id) => one(id === 3 ? "b" : "a", { id }, 1500 + 1000 * id)),
    );
    const { last, statements } = await harness.run("p", sql, { close: true });
    expect(last.kind).toBe("done");
    expect(await documents("rows")).toEqual(['{"id":1,"t":7}', '{"id":1,"t":8}', '{"id":2,"t":-1}', '{"id":3,"t":-1}']);
    expect(await documents("placed")).toEqual([
      '{"id":1,"t":7,"room":"hall"}',
      '{"id":1,"t":8,"room":"hall"}',
      '{"id":2,"t":null,"room":"hall"}',
      '{"id":4,"t":null,"room":"hall"}',
    ]);
    expect(await documents("groups")).toEqual(['{"device":"a","n":2}', '{"device":"b","n":0}']);
    for (const { counters } of statements) expect(counters).toMatchObject({ late: 0, deadLettered: 0 });
  });

  it("say what is missing, and where", () => {
    const from = (text: string): string => `${DECLARE} INSERT INTO x SELECT o.id FROM orders o JOIN ${text};`;
    const refused = (text: string, message: string): void => expect(() => harness.plan("p", from(text)), text).toThrow(message);
    refused(
      "(SELECT room, COUNT(*) AS n FROM homes GROUP BY room, floor) h ON o.device = h.room",
      "does not give what its rows are told apart by",
    );
    refused("(SELECT room, floor, COUNT(*) AS n FROM homes GROUP BY room, floor) h ON o.device = h.room", "ON compares h.room and h.floor");
    refused("(SELECT room FROM homes) h ON o.device = h.room", "does not give what its rows are told apart by");
    refused("(SELECT device, t FROM readings) r ON o.device = r.device", "a join of two streams needs WITHIN");
    refused(
      "(SELECT device, _offset AS at FROM readings) r WITHIN 1 MINUTE ON o.device = r.device",
      "_offset, _partition and _topic in sub-queries",
    );
    refused("(SELECT device FROM readings LIMIT 3) r WITHIN 1 MINUTE ON o.device = r.device", "LIMIT in stages and sub-queries");
  });
});
