import { describe, expect, it } from "vitest";
import type { StateRecord } from "../../../src/ports/state-log.ts";
import { encodeBlob } from "../../../src/state/journal/blob-chunks.ts";
import { Journal } from "../../../src/state/journal/journal.ts";
import { JOURNAL_FORMAT_VERSION, seal } from "../../../src/state/journal/seal.ts";
import { MemoryStateLog } from "./memory-state-log.ts";
import { blob, farAhead, header, summary } from "./samples.ts";

/** The log of one owner: two statements, notes between, a snapshot of two records in the middle. */
async function written(): Promise<MemoryStateLog> {
  const log = new MemoryStateLog("checked");
  const journal = await Journal.open(log, 0, "a");
  await journal.appendBlobs([blob("s", "snapshot", 1, "S1"), blob("t", "snapshot", 1, "T1")]);
  await journal.appendBlobs([blob("s", "delta", 2, "s2")]);
  await journal.appendNotes([farAhead(3)]);
  await journal.appendBlobs([blob("t", "delta", 2, "t2"), blob("s", "delta", 3, "s3")]);
  return log;
}

const STATES: Record<number, unknown> = {
  0: {},
  1: {},
  2: {},
  3: { s: [1, "S1"] },
  4: { s: [1, "S1"], t: [1, "T1"] },
  5: { s: [2, "S1", "s2"], t: [1, "T1"] },
  6: { s: [2, "S1", "s2"], t: [1, "T1"] },
  7: { s: [2, "S1", "s2"], t: [2, "T1", "t2"] },
  8: { s: [3, "S1", "s2", "s3"], t: [2, "T1", "t2"] },
};

async function openOn(records: readonly StateRecord[]): Promise<Journal> {
  const log = new MemoryStateLog("checked");
  log.replace(0, records);
  return Journal.open(log, 0, "reader");
}

function withValue(record: StateRecord | undefined, value: Buffer): StateRecord {
  if (record === undefined) throw new Error("no such record");
  return { ...record, value };
}

describe("restore", () => {
  it("gives the state before a torn end, wherever it is torn", async () => {
    const records = (await written()).records(0);
    expect(records).toHaveLength(8);
    for (const [index, record] of records.entries()) {
      const whole = records.slice(0, index);
      for (let bytes = 0; bytes < (record.value?.length ?? 0); bytes += index < 4 ? 37 : 1) {
        const journal = await openOn([...whole, withValue(record, (record.value ?? Buffer.alloc(0)).subarray(0, bytes))]);
        expect(summary(journal)).toEqual(STATES[index]);
        expect(journal.notes).toEqual(index > 5 ? [farAhead(3)] : []);
        expect(journal.damaged.size).toBe(0);
      }
      expect(summary(await openOn(whole))).toEqual(STATES[index]);
    }
    expect(summary(await openOn(records))).toEqual(STATES[8]);
  });

  it("ends the chain at a damaged byte, and says so if more follows", async () => {
    const records = (await written()).records(0);
    const [, , , , second] = records;
    for (let at = 0; at < (second?.value?.length ?? 0); at++) {
      const damagedValue = Buffer.from(second?.value ?? "");
      damagedValue[at] = (damagedValue[at] ?? 0) ^ 0x41;
      const journal = await openOn(records.map((record) => (record === second ? withValue(record, damagedValue) : record)));
      expect(summary(journal)).toEqual({ s: [1, "S1"], t: [2, "T1", "t2"] });
      expect([...journal.damaged]).toEqual(["s"]);
      await journal.appendBlobs([blob("s", "delta", 2, "new")]);
    }
  });

  it("takes no chain over a gap", async () => {
    const records = (await written()).records(0);
    const gap = await openOn(records.filter((_, index) => index !== 4));
    expect(summary(gap)).toEqual({ s: [1, "S1"], t: [2, "T1", "t2"] });
    expect([...gap.damaged]).toEqual(["s"]);
    const noSnapshot = await openOn(records.filter((_, index) => index !== 2));
    expect(summary(noSnapshot)).toEqual({ t: [2, "T1", "t2"] });
    expect([...noSnapshot.damaged]).toEqual(["s"]);
  });

  it("counts a blob only when all its chunks are there", async () => {
    const log = new MemoryStateLog("checked");
    const first = await Journal.open(log, 0, "a");
    await first.appendBlobs([blob("s", "snapshot", 1, "S1")]);
    const before = log.records(0).length;
    const payload = Buffer.alloc(2_000_000, 7);
    await first.appendBlobs([{ header: header("s", "snapshot", 2), payload }]);
    const records = log.records(0);
    const chunks = records.slice(before);
    expect(chunks).toHaveLength(3);
    for (const missing of chunks) {
      const journal = await openOn(records.filter((record) => record !== missing));
      expect(summary(journal)).toEqual({ s: [1, "S1"] });
      expect(journal.versionMax).toBe(2000);
      const [other] = chunks.filter((chunk) => chunk !== missing);
      const exchanged = await openOn(
        records.map((record) => (record === missing ? withValue(record, (other?.value ?? Buffer.alloc(9)).subarray(1)) : record)),
      );
      expect(summary(exchanged)).toEqual({ s: [1, "S1"] });
    }
    // In any order.
    const journal = await openOn([...records.slice(0, before), ...chunks.reverse()]);
    expect(journal.restored.get("s")?.payloads[0]?.equals(payload)).toBe(true);
  });

  it("follows the higher generation at a fork", async () => {
    const record = (
      position: number,
      generation: number,
      sequence: number,
      kind: "snapshot" | "delta",
      text: string,
      previous: number | null,
    ): StateRecord[] => {
      const id = { generation, sequence };
      const before = previous === null ? null : { generation: 2, sequence: previous };
      const { header, payload } = blob("s", kind, position, text);
      return [...encodeBlob("s", { id, header, previous: before, payload }).entries()].map((entry) => ({ position, ...entry }));
    };
    const records = [
      record(3, 2, 0, "snapshot", "S", null),
      record(4, 2, 1, "delta", "one", 0),
      record(6, 5, 0, "delta", "five", 1),
      record(7, 2, 2, "delta", "two", 1),
      record(8, 2, 3, "snapshot", "three", null),
    ].flat();
    expect(summary(await openOn(records))).toEqual({ s: [6, "S", "one", "five"] });
    expect(summary(await openOn(records.filter((one) => one.position !== 6)))).toEqual({ s: [8, "three"] });
    expect(summary(await openOn(records.filter((one) => one.position < 6 || one.position === 7)))).toEqual({ s: [7, "S", "one", "two"] });
  });

  it("refuses a record of a later format, and takes damage to the version byte for damage", async () => {
    const records = (await written()).records(0);
    const [last] = records.slice(-1);
    const later = seal(Buffer.from("of another time"));
    later[0] = JOURNAL_FORMAT_VERSION + 1;
    expect(summary(await openOn([...records.slice(0, -1), withValue(last, later)]))).toEqual(STATES[7]);
    const { crc32 } = await import("node:zlib");
    later.writeUInt32BE(crc32(Buffer.concat([later.subarray(0, 1), later.subarray(5)])), 1);
    await expect(openOn([...records.slice(0, -1), withValue(last, later)])).rejects.toMatchObject({
      code: "STATE_CORRUPT",
      message: expect.stringMatching(/"blob\|s\|.*format version 2.*up to 1/),
      coordinates: { partition: 0 },
    });
  });

  it("leaves records alone that are not the journal's", async () => {
    const records = (await written()).records(0);
    const foreign = { position: 99, key: "something else", value: Buffer.from([9, 9, 9]) };
    expect(summary(await openOn([...records, foreign]))).toEqual(STATES[8]);
  });
});
