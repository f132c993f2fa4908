import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Witness } from "../property/wrap-connection.ts";
import { Harness, record } from "./harness.ts";

const T = 1_700_000_000_000;

const DECLARE = `
  CREATE STREAM readings (id INT, device STRING, value DOUBLE) WITH (topic = 'readings', key = 'device');
  CREATE STREAM device_records (device STRING, room STRING, floor INT, owner STRING) WITH (topic = 'device_records');
  CREATE TABLE homes (owner STRING PRIMARY KEY, city STRING) WITH (topic = 'homes');`;

describe("look-ups in an embedded table", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const reading = (id: number, device: string | null, value = id) =>
    record({ id, device, value }, { key: device ?? "", timestampMs: T + id });
  const fill = async (devices: readonly object[]): Promise<void> => {
    await harness.append(
      "device_records",
      devices.map((device) => record(device)),
    );
    await harness.run("fill", `${DECLARE} INSERT INTO devices SELECT device, room, floor, owner FROM device_records PK device;`);
  };
  const documents = async (name: string): Promise<readonly string[]> => (await harness.tableTexts(name)).sort();

  it("add fields to records; INNER leaves out what is not there, LEFT has nulls", async () => {
    await fill([
      { device: "a", room: "hall", floor: 1, owner: "x" },
      { device: "b", room: "bath", floor: 2, owner: "y" },
    ]);
    await harness.append("readings", [reading(1, "a"), reading(2, "b"), reading(3, "c"), reading(4, null), reading(5, "a")]);
    const { last, statements } = await harness.run(
      "p",
      `${DECLARE}
       INSERT INTO inner_rows SELECT r.id, r.value, d.room FROM readings r JOIN devices d ON r.device = d.device;
       INSERT INTO left_rows SELECT r.id, d.room, d.floor FROM readings r LEFT JOIN devices d ON r.device = d.device AND d.floor > 1 WHERE r.id > 1;`,
    );
    expect(last).toMatchObject({ kind: "done" });
    expect(await documents("inner_rows")).toEqual([
      '{"id":1,"value":1,"room":"hall"}',
      '{"id":2,"value":2,"room":"bath"}',
      '{"id":5,"value":5,"room":"hall"}',
    ]);
    expect(await documents("left_rows")).toEqual([
      '{"id":2,"room":"bath","floor":2}',
      '{"id":3,"room":null,"floor":null}',
      '{"id":4,"room":null,"floor":null}',
      '{"id":5,"room":null,"floor":null}',
    ]);
    expect(statements[0]?.counters).toMatchObject({ in: 5, applied: 3, filtered: 2, deadLettered: 0, written: 3 });
    expect(statements[0]?.lookups).toEqual([{ table: "embedded.devices", hits: 1, misses: 3, errors: 0 }]);
    expect(witness.sent.map(({ id }) => id)).toContain("readings-0-4");
  });
});
