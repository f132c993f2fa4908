import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/limits.ts";
import type { StateEntry } from "../../../src/ports/state-log.ts";
import { Journal } from "../../../src/state/journal/journal.ts";
import { MemoryStateLog } from "./memory-state-log.ts";
import { blob, farAhead, summary } from "./samples.ts";

const hasTombstone = (entries: readonly StateEntry[]) => entries.some((entry) => entry.value === null);

describe("journal whose log fails", () => {
  it("erases older blobs only after the snapshot is durable", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await Journal.open(log, 0, "a");
    await journal.appendBlobs([blob("s", "snapshot", 1, "S1")]);
    for (let cursor = 2; cursor <= LIMITS.stateUselessRecordsMax; cursor++) await journal.appendBlobs([blob("s", "delta", cursor, "d")]);
    expect(log.appends.some(hasTombstone)).toBe(false);
    // The power goes while the snapshot is written: the older blobs are all there.
    log.tearNext = { entries: 0, bytes: 9 };
    await expect(journal.appendBlobs([blob("s", "snapshot", 1000, "S1000")])).rejects.toThrow("power");
    expect(log.appends.some(hasTombstone)).toBe(false);
    log.compact(0, () => true);
    const second = await Journal.open(log, 0, "b");
    expect(second.restored.get("s")?.payloads).toHaveLength(LIMITS.stateUselessRecordsMax);
    // The power goes between snapshot and tombstones: the snapshot counts, and the caller knows that it does.
    log.beforeAppend = (entries) => {
      if (hasTombstone(entries)) throw new Error("the power is gone");
    };
    await second.appendBlobs([blob("s", "snapshot", 2000, "S2000")]);
    expect(log.appends.some(hasTombstone)).toBe(false);
    log.beforeAppend = () => undefined;
    const third = await Journal.open(log, 0, "c");
    expect(summary(third)).toEqual({ s: [2000, "S2000"] });
    // What was left over goes with the next snapshot.
    await third.appendBlobs([blob("s", "snapshot", 2001, "S2001")]);
    log.compact(0, () => true);
    expect(log.records(0).filter((record) => record.key.startsWith("blob|"))).toHaveLength(1);
  });

  it("tries again to erase what could not be erased", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await Journal.open(log, 0, "a");
    let refused = 0;
    log.beforeAppend = (entries) => {
      if (hasTombstone(entries) && refused++ === 0) throw new Error("not now");
    };
    for (let cursor = 1; cursor <= LIMITS.stateUselessRecordsMax + 2; cursor++)
      await journal.appendBlobs([blob("s", "snapshot", cursor, "S")]);
    expect(refused).toBe(2);
    log.compact(0, () => true);
    expect(log.records(0).filter((record) => record.key.startsWith("blob|"))).toHaveLength(1);
  });

  it("builds nothing on a blob that may be missing", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await Journal.open(log, 0, "a");
    await journal.appendBlobs([blob("s", "snapshot", 1, "S1"), blob("t", "snapshot", 1, "T1")]);
    log.tearNext = { entries: 0, bytes: 0 };
    const lost = journal.appendBlobs([blob("s", "delta", 2, "s2")]);
    const onTop = journal.appendBlobs([blob("s", "delta", 3, "s3")]);
    const other = journal.appendBlobs([blob("t", "delta", 2, "t2")]);
    await expect(lost).rejects.toThrow("power");
    await expect(onTop).rejects.toThrow("power");
    await other;
    await expect(journal.appendBlobs([blob("s", "delta", 4, "s4")])).rejects.toThrow("power");
    const reader = new MemoryStateLog("checked");
    reader.replace(0, log.records(0));
    expect(summary(await Journal.open(reader, 0, "b"))).toEqual({ s: [1, "S1"], t: [2, "T1", "t2"] });
    // A snapshot needs none of them.
    await journal.appendBlobs([blob("s", "snapshot", 5, "S5"), blob("s", "delta", 6, "s6")]);
    expect(summary(await Journal.open(log, 0, "b"))).toEqual({ s: [6, "S5", "s6"], t: [2, "T1", "t2"] });
  });

  it("restores a blob that landed although its append failed", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await Journal.open(log, 0, "a");
    await journal.appendBlobs([blob("s", "snapshot", 1, "S1")]);
    log.tearNext = { entries: 1, bytes: 0 };
    await expect(journal.appendBlobs([blob("s", "delta", 2, "s2"), blob("s", "delta", 3, "s3")])).rejects.toThrow("power");
    const second = await Journal.open(log, 0, "a");
    expect(summary(second)).toEqual({ s: [2, "S1", "s2"] });
    await second.appendBlobs([blob("s", "delta", 3, "again")]);
    expect(summary(await Journal.open(log, 0, "a"))).toEqual({ s: [3, "S1", "s2", "again"] });
  });

  it("repeats notes without harm", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await Journal.open(log, 0, "a");
    log.tearNext = { entries: 1, bytes: 4 };
    const notes = [farAhead(1), farAhead(2)];
    await expect(journal.appendNotes(notes)).rejects.toThrow("power");
    expect(journal.notes).toEqual([]);
    await journal.appendNotes(notes);
    expect(journal.notes).toEqual(notes);
    const second = await Journal.open(log, 0, "a");
    expect(new Set(second.notes.map((note) => note.offset))).toEqual(new Set([1, 2]));
    await second.forgetNotes("readings", 3);
    expect(second.notes).toEqual([]);
  });

  it("drops a statement by one record", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await Journal.open(log, 0, "a");
    await journal.appendBlobs([blob("s", "snapshot", 1, "S1")]);
    log.beforeAppend = (entries) => {
      if (hasTombstone(entries)) throw new Error("the power is gone");
    };
    await journal.dropStatement("s");
    log.beforeAppend = () => undefined;
    const second = await Journal.open(log, 0, "a");
    expect(summary(second)).toEqual({});
    expect(() => second.appendBlobs([blob("s", "delta", 2, "s2")])).toThrow("must be a snapshot");
    // What was left over goes with the next erasing.
    await second.appendBlobs([blob("t", "snapshot", 1, "T")]);
    await second.dropStatement("t");
    log.compact(0, () => true);
    expect(log.records(0).filter((record) => record.key.startsWith("blob|"))).toEqual([]);
  });

  it("may lose its power anywhere while it erases", async () => {
    /** A dropped statement, a zombie's delta and note behind a claim, and an owner that finds them. */
    const prepared = async () => {
      const log = new MemoryStateLog("unchecked");
      const zombie = await Journal.open(log, 0, "z");
      await zombie.appendBlobs([blob("s", "snapshot", 1, "S1"), blob("t", "snapshot", 1, "T1"), blob("t", "delta", 50, "t50")]);
      await Journal.open(log, 0, "a");
      await zombie.appendBlobs([blob("s", "delta", 2, "zombie")]);
      await zombie.appendNotes([farAhead(3)]);
      return { log, owner: await Journal.open(log, 0, "c") };
    };
    const whole = await prepared();
    await whole.owner.dropStatement("t");
    const erasing = whole.log.appends.at(-1) ?? [];
    expect(erasing.filter((entry) => entry.value === null).length).toBeGreaterThan(5);
    for (let entries = 0; entries <= erasing.length; entries++) {
      const { log, owner } = await prepared();
      log.beforeAppend = (appended) => {
        if (hasTombstone(appended)) log.tearNext = { entries, bytes: 7 };
      };
      await owner.dropStatement("t");
      log.beforeAppend = () => undefined;
      log.compact(0, () => true);
      const next = await Journal.open(log, 0, "d");
      expect(summary(next)).toEqual({ s: [1, "S1"] });
      expect(next.notes).toEqual([]);
      expect(next.versionMax).toBe(50_000);
    }
  });
});
