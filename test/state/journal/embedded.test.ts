import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { LIMITS } from "../../../src/limits.ts";
import type { StateLog } from "../../../src/ports/state-log.ts";
import type { Blob } from "../../../src/state/journal/blob.ts";
import { Journal } from "../../../src/state/journal/journal.ts";
import { EmbeddedDirectory } from "../../adapters/embedded/embedded-directory.ts";
import { blob, farAhead, header, summary } from "./samples.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

describe(`journal in the embedded store (seed ${seed})`, () => {
  let directory: EmbeddedDirectory;
  let pipelines = 0;

  beforeAll(async () => {
    directory = await EmbeddedDirectory.make();
  });
  afterAll(async () => {
    await directory.close();
  });

  /** One log for each of two processes. */
  const openLogs = async (): Promise<readonly StateLog[]> => {
    const pipeline = `pipeline ${pipelines++}`;
    return Promise.all([1, 2].map(() => directory.open().openStateLog(pipeline)));
  };

  it("takes a state of several chunks, and the deltas after it", async () => {
    const [first, second] = await openLogs();
    const journal = await Journal.open(must(first), 0, "a");
    const payload = Buffer.alloc(3 * LIMITS.stateChunkBytesMax, "0123456789");
    await journal.appendBlobs([{ header: header("s", "snapshot", 1), payload }, blob("s", "delta", 2, "d")]);
    const next = await Journal.open(must(second), 0, "b");
    expect(next.restored.get("s")?.payloads.map((part) => part.length)).toEqual([payload.length, 1]);
    expect(next.restored.get("s")?.payloads[0]?.equals(payload)).toBe(true);
    await expect(journal.appendBlobs([blob("s", "delta", 3, "zombie")])).rejects.toMatchObject({ code: "STATE_FENCED" });
  });

  it("gives each owner what the one before it left", async () => {
    const step = fc.record({
      act: fc.constantFrom("blobs", "blobs", "blobs", "notes", "forget", "drop", "claim"),
      statement: fc.constantFrom("s", "t|", "ü"),
      snapshot: fc.boolean(),
      zombie: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const logs = await openLogs();
        const states = new Map<string, readonly [number, ...string[]]>();
        let notes: number[] = [];
        let cursor = 0;
        let zombie: Journal | null = null;
        let owner = await Journal.open(must(logs[0]), 0, "process 0");
        for (const { act, statement, snapshot, zombie: late } of [...steps, { ...must(steps[0]), act: "claim" }]) {
          cursor++;
          if (late && zombie !== null) await expect(zombie.appendNotes([farAhead(cursor)])).rejects.toMatchObject({ code: "STATE_FENCED" });
          const kind = snapshot || !states.has(statement) ? "snapshot" : "delta";
          if (act === "blobs") {
            const added: Blob = blob(statement, kind, cursor, `p${cursor}`);
            await owner.appendBlobs([added]);
            states.set(statement, [cursor, ...(kind === "snapshot" ? [] : must(states.get(statement)).slice(1).map(String)), `p${cursor}`]);
          } else if (act === "notes") {
            await owner.appendNotes([farAhead(cursor)]);
            notes.push(cursor);
          } else if (act === "forget") {
            await owner.forgetNotes("readings", cursor);
            notes = [];
          } else if (act === "drop") {
            await owner.dropStatement(statement);
            states.delete(statement);
          } else {
            zombie = owner;
            owner = await Journal.open(must(logs[cursor % 2]), 0, `process ${cursor % 2}`);
            expect(summary(owner)).toEqual(Object.fromEntries(states));
            expect(owner.notes.map((note) => note.offset)).toEqual(expect.arrayContaining(notes));
          }
        }
      }),
      { seed, numRuns: 15 },
    );
  });
});
