import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/limits.ts";
import { Journal } from "../../../src/state/journal/journal.ts";
import { MemoryStateLog } from "./memory-state-log.ts";
import { blob, farAhead, header, summary } from "./samples.ts";

const open = (log: MemoryStateLog, owner = "a") => Journal.open(log, 0, owner);

describe("journal", () => {
  it("begins empty", async () => {
    const journal = await open(new MemoryStateLog("checked"));
    expect(summary(journal)).toEqual({});
    expect(journal.notes).toEqual([]);
    expect(journal.versionMax).toBe(0);
  });

  it("gives the next owner the header, the snapshot and the deltas after it, for each statement", async () => {
    const log = new MemoryStateLog("checked");
    const first = await open(log);
    await first.appendBlobs([blob("s", "snapshot", 1, "S1"), blob("weird | näme \ud800", "snapshot", 5, "W5")]);
    await first.appendBlobs([blob("s", "delta", 2, "d2"), blob("s", "delta", 3, "d3", { drained: true, topicId: "id" })]);
    const second = await open(log, "b");
    expect(summary(second)).toEqual({ s: [3, "S1", "d2", "d3"], "weird | näme \ud800": [5, "W5"] });
    expect(second.restored.get("s")?.header).toEqual(header("s", "delta", 3, { drained: true, topicId: "id" }));
    expect(second.versionMax).toBe(5000);
    expect(second.generation).toBeGreaterThan(first.generation);
    expect(second.damaged.size).toBe(0);
    await second.appendBlobs([blob("s", "delta", 4, "d4")]);
    expect(summary(await open(log))).toMatchObject({ s: [4, "S1", "d2", "d3", "d4"] });
  });

  it("keeps partitions apart", async () => {
    const log = new MemoryStateLog("checked");
    await (await Journal.open(log, 0, "a")).appendBlobs([blob("s", "snapshot", 1, "zero")]);
    await (await Journal.open(log, 1, "a")).appendBlobs([blob("s", "snapshot", 2, "one")]);
    expect(summary(await Journal.open(log, 0, "b"))).toEqual({ s: [1, "zero"] });
    expect(summary(await Journal.open(log, 1, "b"))).toEqual({ s: [2, "one"] });
  });

  it("keeps the order of calls that do not wait for each other", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await open(log);
    const appends = [
      journal.appendBlobs([blob("s", "snapshot", 1, "S1")]),
      journal.appendBlobs([blob("s", "delta", 2, "d2")]),
      journal.appendNotes([farAhead(9)]),
      journal.appendBlobs([blob("s", "delta", 3, "d3")]),
    ];
    await Promise.all(appends);
    expect(summary(await open(log))).toEqual({ s: [3, "S1", "d2", "d3"] });
  });

  it("wants a snapshot first", async () => {
    const journal = await open(new MemoryStateLog("checked"));
    expect(() => journal.appendBlobs([blob("s", "delta", 1, "d")])).toThrow("must be a snapshot");
  });

  it("cuts large blobs into chunks that fit a record", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await open(log);
    const payload = Buffer.alloc(2 * LIMITS.stateChunkBytesMax + 17, "abcdefghijk");
    await journal.appendBlobs([{ header: header("s", "snapshot", 1), payload }]);
    const sizes = log.records(0).map((record) => record.value?.length ?? 0);
    expect(Math.max(...sizes)).toBe(LIMITS.stateChunkBytesMax);
    expect(log.appends.at(-1)).toHaveLength(3);
    const restored = (await open(log)).restored.get("s")?.payloads ?? [];
    expect(Buffer.concat(restored).equals(payload)).toBe(true);
  });

  it("appends a large state in parts, and gives it back byte for byte", async () => {
    const log = new MemoryStateLog("checked");
    const journal = await open(log);
    const payload = Buffer.alloc(2.5 * LIMITS.stateAppendBytesMax, "0123456789abc");
    log.appends.length = 0;
    await journal.appendBlobs([
      blob("t", "snapshot", 1, "T1"),
      { header: header("s", "snapshot", 1), payload },
      blob("t", "delta", 2, "t2"),
    ]);
    expect(log.appends).toHaveLength(3);
    const second = await open(log);
    expect(second.restored.get("s")?.payloads[0]?.equals(payload)).toBe(true);
    expect(second.restored.get("t")?.payloads.map(String)).toEqual(["T1", "t2"]);
    second.releaseRestored();
    expect(second.restored.size).toBe(0);
    await second.appendBlobs([blob("t", "delta", 3, "t3")]);
    // A part of the next snapshot is lost.
    let parts = 0;
    log.beforeAppend = () => {
      if (++parts === 2) throw new Error("the power is gone");
    };
    await expect(second.appendBlobs([{ header: header("s", "snapshot", 2), payload: Buffer.alloc(payload.length) }])).rejects.toThrow(
      "power",
    );
    log.beforeAppend = () => undefined;
    expect((await open(log)).restored.get("s")?.payloads[0]?.equals(payload)).toBe(true);
  });

  it("keeps notes by topic and offset, also those ahead of the last blob, until they are forgotten", async () => {
    const log = new MemoryStateLog("checked");
    const first = await open(log);
    await first.appendBlobs([blob("s", "snapshot", 10, "S")]);
    const base = { kind: "base", topic: "readings", offset: 12, statement: "s", fingerprint: "f", base: 99_000 } as const;
    const close = { kind: "close", topic: "readings", offset: 12 } as const;
    await first.appendNotes([farAhead(30), base, close]);
    await first.appendNotes([farAhead(4), farAhead(99, "alerts"), { ...close }]);
    const all = [farAhead(99, "alerts"), farAhead(4), base, close, { ...close }, farAhead(30)];
    expect(first.notes).toEqual(all);
    const second = await open(log);
    expect(second.notes).toEqual(all);
    expect(second.versionMax).toBe(99_000);
    await second.forgetNotes("readings", 12);
    expect(second.notes).toEqual(all.filter((note) => note !== all[1]));
    await second.forgetNotes("readings", 13);
    expect(second.notes).toEqual([farAhead(99, "alerts"), farAhead(30)]);
  });

  it("forgets a dropped statement, but not the versions it sent", async () => {
    const log = new MemoryStateLog("checked");
    const first = await open(log);
    await first.appendBlobs([blob("s", "snapshot", 1, "S"), blob("t", "snapshot", 1, "T")]);
    await first.appendBlobs([blob("s", "delta", 70, "d")]);
    await first.dropStatement("s");
    expect(() => first.appendBlobs([blob("s", "delta", 71, "d")])).toThrow("must be a snapshot");
    await first.dropStatement("never seen");
    log.compact(0, () => true);
    const second = await open(log);
    expect(summary(second)).toEqual({ t: [1, "T"] });
    expect(second.versionMax).toBe(70_000);
    expect(log.records(0).filter((record) => record.key.startsWith("blob|s|"))).toEqual([]);
    expect(() => second.appendBlobs([blob("s", "delta", 71, "d")])).toThrow("must be a snapshot");
    await second.appendBlobs([blob("s", "snapshot", 5, "again")]);
    expect(summary(await open(log))).toEqual({ s: [5, "again"], t: [1, "T"] });
  });

  it("does not let the log grow for ever", async () => {
    const log = new MemoryStateLog("unchecked");
    let journal = await open(log);
    for (let cursor = 1; cursor <= 1000; cursor++) {
      await journal.appendBlobs([blob("s", "snapshot", cursor, "S"), blob("t", cursor === 1 ? "snapshot" : "delta", cursor, "")]);
      if (cursor % 10 === 0) await journal.appendBlobs([blob("t", "snapshot", cursor, "T")]);
      await journal.appendNotes([farAhead(cursor)]);
      await journal.forgetNotes("readings", cursor);
      if (cursor % 50 === 0) journal = await open(log);
    }
    log.compact(0, () => true);
    expect(log.records(0).length).toBeLessThan(2 * LIMITS.stateUselessRecordsMax);
    expect(summary(await open(log))).toEqual({ s: [1000, "S"], t: [1000, "T"] });
  });
});
