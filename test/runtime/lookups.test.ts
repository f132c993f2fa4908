import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { Witness, withParts } from "../property/wrap-connection.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { until } from "../support/until.ts";
import type { Ended } from "./harness.ts";
import { Harness, record } from "./harness.ts";

const T = 1_700_000_000_000;

const DECLARE = `
  CREATE STREAM readings (id INT, device STRING, value DOUBLE) WITH (topic = 'readings', key = 'device');
  CREATE STREAM device_records (device STRING, room STRING, floor INT, owner STRING) WITH (topic = 'device_records');
  CREATE STREAM owner_records (owner STRING, city STRING) WITH (topic = 'owner_records');
  CREATE TABLE homes (owner STRING PRIMARY KEY, city STRING) WITH (topic = 'homes');`;

const ROOMS = "INSERT INTO rooms SELECT r.id, d.room FROM readings r LEFT JOIN devices d ON r.device = d.device;";

/** Stands between statements and the tables in which they look up rows. */
class Guard {
  /** Keys of each request. */
  readonly requests: (readonly string[])[] = [];
  /** What requests fail with; null: with nothing. */
  failure: SluiceError | null = null;
  /** Requests are never answered. */
  isSilent = false;

  wrap = (connection: Connection): Connection =>
    withParts(connection, {
      openLookup: async (target) => {
        const lookup = await connection.openLookup?.(target);
        return {
          find: async (keys, signal) => {
            this.requests.push(keys);
            if (this.isSilent) await new Promise(() => {});
            if (this.failure !== null) throw this.failure;
            return (await lookup?.find(keys, signal)) ?? [];
          },
        };
      },
    });

  take(): readonly string[] {
    return this.requests.splice(0).flat();
  }
}

describe("look-ups in an embedded table", () => {
  let witness: Witness;
  let guard: Guard;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    guard = new Guard();
    harness = new Harness((connection) => witness.wrap(guard.wrap(connection)));
  });
  afterEach(() => harness.dispose());

  const reading = (id: number, device: string | null, value = id) =>
    record({ id, device, value }, { key: device ?? "", timestampMs: T + id });
  let fills = 0;
  const write = async (table: string, sql: string, records: readonly object[]): Promise<void> => {
    await harness.append(
      table,
      records.map((one) => record(one)),
    );
    const { last } = await new Harness(undefined, null, undefined, harness.directory).run(`fill ${fills++}`, `${DECLARE} ${sql}`);
    expect(last).toMatchObject({ kind: "done" });
  };
  const fill = (devices: readonly object[]): Promise<void> =>
    write("device_records", "-- @name fill\nINSERT INTO devices SELECT device, room, floor, owner FROM device_records PK device;", devices);
  const documents = async (name: string): Promise<readonly string[]> => (await harness.tableTexts(name)).sort();
  const sound = async (run: Promise<Ended>): Promise<Ended> => {
    const ended = await run;
    expect(ended.messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    return ended;
  };

  it("add fields to records; INNER leaves out what is not there, LEFT has nulls", async () => {
    await fill([
      { device: "a", room: "hall", floor: 1, owner: "x" },
      { device: "b", room: "bath", floor: 2, owner: "y" },
    ]);
    await harness.append("readings", [reading(1, "a"), reading(2, "b"), reading(3, "c"), reading(4, null), reading(5, "a")]);
    const { statements, fetched } = await sound(
      harness.run(
        "p",
        `${DECLARE}
         INSERT INTO ids SELECT id FROM readings;
         INSERT INTO inner_rows SELECT r.id, r.value, d.room FROM readings r JOIN devices d ON r.device = d.device;
         INSERT INTO left_rows SELECT r.id, d.room, d.floor FROM readings r LEFT JOIN devices d ON r.device = d.device AND d.floor > r.id
           WHERE r.id > 1;`,
      ),
    );
    expect(await documents("inner_rows")).toEqual([
      '{"id":1,"value":1,"room":"hall"}',
      '{"id":2,"value":2,"room":"bath"}',
      '{"id":5,"value":5,"room":"hall"}',
    ]);
    expect(await documents("left_rows")).toEqual([
      '{"id":2,"room":null,"floor":null}',
      '{"id":3,"room":null,"floor":null}',
      '{"id":4,"room":null,"floor":null}',
      '{"id":5,"room":null,"floor":null}',
    ]);
    expect(fetched).toBe(5);
    expect(statements[1]?.counters).toMatchObject({ in: 5, applied: 3, filtered: 2, deadLettered: 0, written: 3 });
    expect(statements[1]?.lookups).toEqual([{ table: "embedded.devices", hits: 1, misses: 3, errors: 0 }]);
    expect(witness.sent.map(({ id }) => id)).toContain("readings-0-4");
    expect(guard.requests).toEqual([
      ['"a"', '"b"', '"c"'],
      ['"a"', '"b"', '"c"'],
    ]);
  });

  it("go by the id of a row, by several fields, and by fields of rows that were looked up before", async () => {
    await fill([
      { device: "a", room: "hall", floor: 1, owner: "x" },
      { device: "b", room: "bath", floor: 2, owner: "y" },
    ]);
    await write("owner_records", "INSERT INTO owners SELECT owner, city FROM owner_records PK owner;", [
      { owner: "x", city: "Bonn" },
      { owner: "z", city: "Köln" },
    ]);
    await harness.append("readings", [reading(1, "a"), reading(2, "b"), reading(3, "c")]);
    await sound(
      harness.run(
        "p",
        `${DECLARE}
         INSERT INTO pairs SELECT device, floor, room FROM device_records PK device, floor;
         INSERT INTO cities SELECT r.id, d.room, o.city FROM readings r LEFT JOIN devices d ON r.device = d._key
           LEFT JOIN owners o ON d.owner = o.owner;
         INSERT INTO known SELECT r.id, o.city FROM readings r JOIN devices d ON r.device = d.device JOIN owners o ON d.owner = o.owner;`,
      ),
    );
    await sound(
      harness.run(
        "q",
        `${DECLARE} INSERT INTO floors SELECT r.id, p.room FROM readings r JOIN pairs p ON p.device = r.device AND p.floor = r.id;`,
      ),
    );
    expect(await documents("cities")).toEqual([
      '{"id":1,"room":"hall","city":"Bonn"}',
      '{"id":2,"room":"bath","city":null}',
      '{"id":3,"room":null,"city":null}',
    ]);
    expect(await documents("known")).toEqual(['{"id":1,"city":"Bonn"}']);
    expect(await documents("floors")).toEqual(['{"id":1,"room":"hall"}', '{"id":2,"room":"bath"}']);
  });

  it("bring whole rows by *", async () => {
    await write("device_records", "INSERT INTO devices SELECT device, room, owner FROM device_records PK device;", [
      { device: "a", room: "hall", owner: null },
    ]);
    await harness.append("raw", [record({ id: 1, device: "a" }), record({ id: 2, device: "b" })]);
    await sound(
      harness.run(
        "p",
        `INSERT INTO stars SELECT * FROM raw r LEFT JOIN devices d ON r.device = d.device;
         INSERT INTO rows SELECT r.id, d._value AS row FROM raw r JOIN devices d ON r.device = d._key;
         INSERT INTO parts SELECT d.*, r.id AS room FROM raw r JOIN devices d ON r.device = d._key;`,
      ),
    );
    expect(await documents("stars")).toEqual(['{"id":1,"device":"a","device_1":"a","room":"hall","owner":null}', '{"id":2,"device":"b"}']);
    expect(await documents("rows")).toEqual(['{"id":1,"row":{"device":"a","room":"hall","owner":null}}']);
    expect(await documents("parts")).toEqual(['{"room":1,"device":"a","owner":null}']);
  });

  it("stand in front of windows, joins and stages as if their fields were the records' own", async () => {
    const at = (id: number, device: string, seconds: number, partition: number) =>
      record({ id, device, value: id }, { key: device, timestampMs: T + seconds * 1000, partition });
    await fill([
      { device: "a", room: "hall", floor: 1, owner: "x" },
      { device: "b", room: "bath", floor: 2, owner: "y" },
      { device: "c", room: "hall", floor: 3, owner: "x" },
    ]);
    await harness.append("homes", [record({ city: "Bonn" }, { key: "x" })]);
    await harness.append("readings", [at(1, "a", 0, 0), at(2, "b", 1, 1), at(4, "c", 2, 0), at(8, "a", 61, 1), at(16, "d", 62, 0)], 2);
    await harness.append("one", [at(1, "a", 0, 0), at(2, "b", 1, 0), at(4, "c", 2, 0), at(8, "a", 61, 0), at(16, "d", 62, 0)]);
    const window = "WINDOW TUMBLING (SIZE 1 MINUTE)";
    const { statements } = await sound(
      harness.run(
        "p",
        `${DECLARE}
         CREATE STREAM one (id INT, device STRING, value DOUBLE);
         INSERT INTO per_room SELECT d.room, window_start, SUM(r.value) AS total FROM readings r JOIN devices d ON r.device = d.device
           ${window} GROUP BY d.room EMIT FINAL;
         INSERT INTO homes_of SELECT r.id, h.city FROM one r JOIN devices d ON r.device = d.device LEFT JOIN homes h ON r.device = h.owner;
         INSERT INTO most WITH totals AS (
           SELECT d.room, window_start, window_end, SUM(r.value) AS total FROM one r LEFT JOIN devices d ON r.device = d.device
           ${window} GROUP BY d.room)
           SELECT window_end, MAX(total) AS most FROM totals GROUP BY window_end;`,
        { close: true },
      ),
    );
    const start = (minutes: number): string => new Date(Math.floor(T / 60_000) * 60_000 + minutes * 60_000).toISOString();
    const perRoom = (await harness.table("per_room")) as { room: string; window_start: string; total: number }[];
    expect(perRoom.map(({ room, window_start, total }) => `${room} ${window_start} ${total}`).sort()).toEqual([
      `bath ${start(0)} 2`,
      `hall ${start(0)} 5`,
      `hall ${start(1)} 8`,
    ]);
    expect(await documents("homes_of")).toEqual([1, 2, 4, 8].map((id) => `{"id":${id},"city":null}`));
    expect(((await harness.table("most")) as { most: number }[]).map(({ most }) => most)).toEqual([5, 16]);
    expect(statements.map(({ name, lookups }) => [name, lookups?.[0]?.hits, lookups?.[0]?.misses])).toMatchObject([
      [expect.any(String), expect.any(Number), expect.any(Number)],
      [expect.any(String), 1, 4],
      [expect.any(String), 1, 4],
    ]);
  });

  it("look up anew after a stop that left nothing open, and not what a crash left", async () => {
    const rooms = async (): Promise<readonly (string | null)[]> =>
      ((await harness.table("rooms")) as { id: number; room: string }[]).sort((a, b) => a.id - b.id).map(({ room }) => room);
    await fill([{ device: "a", room: "hall", floor: 1, owner: "x" }]);
    await harness.append("readings", [reading(1, "a")]);
    await sound(harness.run("p", `${DECLARE} ${ROOMS}`));
    await fill([{ device: "a", room: "bath", floor: 1, owner: "x" }]);
    await harness.append("readings", [reading(2, "a")]);
    witness.isMute = true;
    const { handle, ended } = harness.start("p", `${DECLARE} ${ROOMS}`, { until: "follow" });
    await until(() => witness.sent.length === 2, "the second row");
    handle.stop(0);
    await ended;
    witness.isMute = false;
    await fill([{ device: "a", room: "attic", floor: 1, owner: "x" }]);
    await harness.append("readings", [reading(3, "a")]);
    await sound(harness.run("p", `${DECLARE} ${ROOMS}`));
    expect(await rooms()).toEqual(["hall", "bath", "bath"]);
    await harness.append("readings", [reading(4, "a")]);
    await sound(harness.run("p", `${DECLARE} ${ROOMS}`));
    expect(await rooms()).toEqual(["hall", "bath", "bath", "attic"]);
  });

  it("fail records of which the condition or the key cannot be told", async () => {
    await fill([{ device: "a", room: "12", floor: 1, owner: "x" }]);
    await harness.append("readings", [reading(1, "a"), reading(2, "9".repeat(30)), reading(3, "7")]);
    const { statements } = await sound(
      harness.run(
        "p",
        `${DECLARE} SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.dead';
         INSERT INTO sevens SELECT r.id, d.room FROM readings r LEFT JOIN devices d ON CAST(CAST(r.device AS BIGINT) AS STRING) = d.device;`,
      ),
    );
    expect(statements[0]?.counters).toMatchObject({ in: 3, applied: 1, deadLettered: 2 });
    expect(await documents("sevens")).toEqual(['{"id":3,"room":null}']);
    const letters = (await harness.table("dead")) as { offset: number; code: string; error: string }[];
    expect(letters.map(({ offset, code, error }) => [offset, code, error])).toEqual([
      [0, "RECORD_TYPE", 'd: CAST: expected an integer of 64 bits, found "a"'],
      [1, "RECORD_TYPE", `d: CAST: expected an integer of 64 bits, found "${"9".repeat(30)}"`],
    ]);
  });

  it("wait for a table that cannot be asked, and tell what is wrong", async () => {
    await fill([{ device: "a", room: "hall", floor: 1, owner: "x" }]);
    await harness.append("readings", [reading(1, "a")]);
    guard.failure = new SluiceError("CONNECTION_FAILED", "devices are away");
    const { handle, messages, ended } = harness.start("p", `${DECLARE} SET 'retry.interval' = 1; SET 'max.retries' = 1000; ${ROOMS}`, {
      until: "follow",
    });
    await until(() => guard.requests.length > 3, "tries");
    expect(witness.sent).toEqual([]);
    expect(JSON.stringify(messages)).toContain("look-up in embedded.devices: devices are away (try 1 of 1001)");
    guard.failure = null;
    await until(() => witness.sent.length === 1, "the row");
    handle.stop(1000);
    const { statements } = await ended;
    expect(await documents("rooms")).toEqual(['{"id":1,"room":"hall"}']);
    expect(statements[0]?.lookups?.[0]).toMatchObject({ hits: 0, misses: 1 });
    expect(statements[0]?.lookups?.[0]?.errors).toBeGreaterThan(2);
  });

  it("end the statement when that lasts too long, and nobody else's; it goes on later", async () => {
    await fill([{ device: "a", room: "hall", floor: 1, owner: "x" }]);
    await harness.append("readings", [reading(1, "a")]);
    guard.failure = new SluiceError("CONNECTION_FAILED", "devices are away");
    const sql = `${DECLARE} SET 'retry.interval' = 1; SET 'max.retries' = 2; ${ROOMS} INSERT INTO ids SELECT id FROM readings;`;
    const { messages, statements } = await harness.run("p", sql);
    expect(messages.filter(({ kind }) => kind === "statement-failed")).toMatchObject([
      { kind: "statement-failed", error: { code: "CONNECTION_FAILED", message: expect.stringContaining("devices are away") } },
    ]);
    expect(guard.take()).toHaveLength(3);
    expect(statements[1]?.counters).toMatchObject({ in: 1, written: 1 });
    guard.failure = null;
    await sound(harness.run("p", sql));
    expect(await documents("rooms")).toEqual(['{"id":1,"room":"hall"}']);
  });

  it("end the statement where there is no such table, or its rows have another key", async () => {
    await fill([{ device: "a", room: "hall", floor: 1, owner: "x" }]);
    await harness.append("readings", [reading(1, "a")]);
    const failure = async (join: string): Promise<string> => {
      const { messages } = await harness.run(join, `${DECLARE} INSERT INTO rows SELECT r.id, d.room FROM readings r ${join};`);
      return JSON.stringify(messages.find(({ kind }) => kind === "statement-failed"));
    };
    expect(await failure("JOIN nowhere d ON r.device = d.device")).toContain("there is no index or table nowhere");
    expect(await failure("JOIN devices d ON r.device = d.room")).toMatch(/TARGET_MISMATCH.*room is not it: one has the id a/);
  });
});

describe("time of look-ups", () => {
  const clock = { own: new SteppedClock(T) };
  let guard: Guard;
  let witness: Witness;
  let harness: Harness;
  let running: ReturnType<Harness["start"]> | null = null;
  beforeEach(() => {
    clock.own = new SteppedClock(T);
    guard = new Guard();
    witness = new Witness();
    harness = new Harness((connection) => witness.wrap(guard.wrap(connection)), null, clock.own);
  });
  afterEach(async () => {
    running?.handle.stop(0);
    harness.dispose();
  });

  const follow = (sql: string): void => {
    running = harness.start("p", `${DECLARE} ${sql} ${ROOMS}`, { until: "follow" });
  };
  const other = (): Harness => new Harness(undefined, null, undefined, harness.directory);
  let fills = 0;
  const room = async (device: string, name: string): Promise<void> => {
    const filling = other();
    await filling.append("device_records", [record({ device, room: name })]);
    const sql = `${DECLARE} INSERT INTO devices SELECT device, room FROM device_records PK device;`;
    expect((await filling.run(`fill ${fills++}`, sql)).last.kind).toBe("done");
  };
  let readings = 0;
  /** What a new record finds. */
  const found = async (device: string): Promise<string> => {
    const before = witness.sent.length;
    await other().append("readings", [record({ id: ++readings, device }, { timestampMs: clock.own.now() })]);
    await clock.own.passUntil(() => witness.sent.length > before, "a row");
    return String(witness.sent.at(-1)?.document);
  };

  it("rows, and that there is none, count until lookup.cache.ttl is over", async () => {
    await room("a", "hall");
    follow("SET 'lookup.cache.ttl' = '60s';");
    expect(await found("a")).toContain('"hall"');
    expect(await found("b")).toContain("null");
    await room("a", "bath");
    await room("b", "attic");
    await clock.own.pass(30_000);
    expect(await found("a")).toContain('"hall"');
    expect(await found("b")).toContain("null");
    expect(guard.take()).toEqual(['"a"', '"b"']);
    await clock.own.pass(40_000);
    expect(await found("a")).toContain('"bath"');
    expect(await found("b")).toContain('"attic"');
    expect(guard.take()).toEqual(['"a"', '"b"']);
  });

  it("nothing is kept in mind where lookup.cache.ttl is none", async () => {
    await room("a", "hall");
    follow("SET 'lookup.cache.ttl' = 0;");
    expect(await found("a")).toContain('"hall"');
    await room("a", "bath");
    expect(await found("a")).toContain('"bath"');
  });

  it("a request without an answer is given up after lookup.timeout, and made again", async () => {
    await room("a", "hall");
    guard.isSilent = true;
    follow("SET 'lookup.timeout' = '10s'; SET 'retry.interval' = '1s';");
    await other().append("readings", [record({ id: 1, device: "a" }, { timestampMs: T })]);
    await clock.own.passUntil(() => guard.requests.length === 1, "a request");
    await clock.own.pass(9_000);
    expect(guard.requests).toHaveLength(1);
    await clock.own.passUntil(() => guard.requests.length === 2, "another one", 10_000);
    guard.isSilent = false;
    await clock.own.passUntil(() => witness.sent.length === 1, "the row", 30_000);
    expect(witness.sent[0]?.document).toContain('"hall"');
    expect(JSON.stringify(running?.messages)).toContain("no answer within 10000 ms (lookup.timeout)");
  });

  it("a stop does not wait for an answer", async () => {
    await room("a", "hall");
    guard.isSilent = true;
    follow("");
    await other().append("readings", [record({ id: 1, device: "a" }, { timestampMs: T })]);
    await clock.own.passUntil(() => guard.requests.length === 1, "a request");
    running?.handle.stop(0);
    expect((await running?.ended)?.last.kind).toBe("done");
    expect(witness.sent).toEqual([]);
  });
});
