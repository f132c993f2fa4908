import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/limits.ts";
import { Journal } from "../../../src/state/journal/journal.ts";
import { MemoryStateLog } from "./memory-state-log.ts";
import { blob, farAhead, summary } from "./samples.ts";

const open = (log: MemoryStateLog, owner: string) => Journal.open(log, 0, owner);

/** Each with the log as it is, and after the cleaner took all it may take. */
for (const cleaned of [false, true]) {
  const clean = (log: MemoryStateLog) => log.compact(0, () => cleaned);

  describe(`owner that lost the partition, ${cleaned ? "after" : "before"} cleaning`, () => {
    it("is refused where the log checks claims itself", async () => {
      const log = new MemoryStateLog("checked");
      const zombie = await open(log, "a");
      await zombie.appendBlobs([blob("s", "snapshot", 1, "S1")]);
      await open(log, "b");
      await expect(zombie.appendBlobs([blob("s", "delta", 2, "zombie")])).rejects.toMatchObject({ code: "STATE_FENCED" });
      await expect(zombie.appendNotes([farAhead(2)])).rejects.toMatchObject({ code: "STATE_FENCED" });
      await expect(zombie.dropStatement("s")).rejects.toMatchObject({ code: "STATE_FENCED" });
      clean(log);
      expect(summary(await open(log, "c"))).toEqual({ s: [1, "S1"] });
    });

    it("adds nothing after the claim: not blobs, not snapshots, not notes (B5)", async () => {
      const log = new MemoryStateLog("unchecked");
      const zombie = await open(log, "a");
      await zombie.appendBlobs([blob("s", "snapshot", 1, "S1"), blob("t", "snapshot", 1, "T1")]);
      const owner = await open(log, "b");
      await zombie.appendBlobs([blob("s", "delta", 2, "zombie"), blob("t", "delta", 2, "zombie")]);
      await zombie.appendNotes([farAhead(7)]);
      await owner.appendBlobs([blob("s", "delta", 2, "owner")]);
      await zombie.appendBlobs([blob("s", "snapshot", 90, "zombie"), blob("u", "snapshot", 90, "zombie")]);
      clean(log);
      const third = await open(log, "c");
      expect(summary(third)).toEqual({ s: [2, "S1", "owner"], t: [1, "T1"] });
      expect(third.notes).toEqual([]);
      expect(third.damaged.size).toBe(0);
      // It did send with those versions.
      expect(third.versionMax).toBe(90_000);
    });

    it("stays out when claims of one owner replace each other, and when its records are erased", async () => {
      const log = new MemoryStateLog("unchecked");
      const zombie = await open(log, "z");
      await zombie.appendBlobs([blob("s", "snapshot", 1, "S1")]);
      await open(log, "a");
      await zombie.appendBlobs([blob("s", "delta", 2, "zombie")]);
      await zombie.appendNotes([farAhead(7)]);
      for (let cursor = 2; cursor < 12; cursor++) {
        const owner = await open(log, "a");
        clean(log);
        expect(summary(owner)).toMatchObject({ s: [1, "S1"] });
        expect(owner.notes).toEqual([]);
        await zombie.appendBlobs([blob("s", "delta", cursor + 1, "zombie")]);
        await owner.appendBlobs([blob("t", "snapshot", cursor, "T")]);
        // Erases, among others, what earlier zombies and generations left.
        await owner.dropStatement("t");
        clean(log);
      }
      expect(log.records(0).length).toBeLessThan(cleaned ? 10 : 1000);
    });

    it("erases nothing that the next owner rests on: by snapshots", async () => {
      const log = new MemoryStateLog("unchecked");
      const zombie = await open(log, "a");
      await zombie.appendBlobs([blob("s", "snapshot", 1, "S1")]);
      for (let cursor = 2; cursor <= LIMITS.stateUselessRecordsMax + 1; cursor++)
        await zombie.appendBlobs([blob("s", "delta", cursor, "d")]);
      const owner = await open(log, "b");
      await expect(zombie.appendBlobs([blob("s", "snapshot", 500, "zombie")])).rejects.toMatchObject({ code: "STATE_FENCED" });
      await owner.appendBlobs([blob("s", "delta", 100, "owner")]);
      clean(log);
      const { header, payloads } = (await open(log, "c")).restored.get("s") ?? {};
      expect(header?.cursor).toBe(100);
      expect(payloads).toHaveLength(LIMITS.stateUselessRecordsMax + 2);
      // It has learned, and does not try again.
      await expect(zombie.appendNotes([farAhead(501)])).rejects.toMatchObject({ code: "STATE_FENCED" });
    });

    it("erases nothing that the next owner rests on: by forgetting notes and dropping statements", async () => {
      const log = new MemoryStateLog("unchecked");
      const notes = Array.from({ length: LIMITS.stateUselessRecordsMax }, (_, offset) => farAhead(offset));
      for (const act of [(zombie: Journal) => zombie.forgetNotes("readings", 1000), (zombie: Journal) => zombie.dropStatement("s")]) {
        const zombie = await open(log, "a");
        if (zombie.notes.length === 0) await zombie.appendNotes(notes);
        await zombie.appendBlobs([blob("s", "snapshot", 1, "S1")]);
        await open(log, "b");
        await expect(act(zombie)).rejects.toMatchObject({ code: "STATE_FENCED" });
        clean(log);
        const third = await open(log, "c");
        expect(third.notes).toEqual(notes);
        expect(summary(third)).toEqual({ s: [1, "S1"] });
      }
    });

    it("does not count that claimed, but began after the next had claimed", async () => {
      const log = new MemoryStateLog("unchecked");
      const first = await open(log, "a");
      await first.appendBlobs([blob("s", "snapshot", 1, "S1")]);
      const release = Promise.withResolvers<void>();
      const claimed = Promise.withResolvers<void>();
      log.beforeAppend = () => {
        log.beforeAppend = () => undefined;
        claimed.resolve();
        return release.promise;
      };
      const late = open(log, "late");
      await claimed.promise;
      // The late one holds the partition, and has done nothing yet: what the first one still writes is as good as before.
      await first.appendBlobs([blob("s", "delta", 2, "s2")]);
      const owner = await open(log, "b");
      expect(summary(owner)).toEqual({ s: [2, "S1", "s2"] });
      release.resolve();
      await (await late).appendBlobs([blob("s", "delta", 2, "late")]);
      clean(log);
      expect(summary(await open(log, "c"))).toEqual({ s: [2, "S1", "s2"] });
    });
  });
}
