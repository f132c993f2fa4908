import { describe, expect, it } from "vitest";
import { SlicesBuilder } from "../../src/adapters/codecs/slices-builder.ts";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import { FarAhead } from "../../src/runtime/feeds/far-ahead.ts";
import type { FarAheadNote } from "../../src/state/journal/blob.ts";

const NOW = 1_700_000_000_000;
const AHEAD = NOW + LIMITS.aheadMs + 1;

/** Rows with offsets that have holes; each is ahead or not. */
function slicesOf(first: number, ahead: readonly boolean[]): RecordSlices {
  const builder = new SlicesBuilder("t", 0);
  for (const [row, is] of ahead.entries()) builder.append(first + row * 3, is ? AHEAD : NOW, null, null, null);
  return must([...builder.build(first + ahead.length * 3)][0]);
}

const marked = (farAhead: FarAhead, slices: RecordSlices): boolean[] =>
  Array.from({ length: slices.count }, (_, row) => farAhead.marksFor(slices)?.[row] === 1);

/** Judges the rows; gives the notes that are made of it. */
async function decide(farAhead: FarAhead, slices: RecordSlices, nowMs = NOW): Promise<readonly FarAheadNote[]> {
  const notes: FarAheadNote[] = [];
  await farAhead.decide(slices, nowMs, async (note) => void notes.push(note));
  return notes;
}

describe("timestamps that are far ahead", () => {
  it("are one note a batch, with ranges of offsets", async () => {
    const ahead = [false, true, true, false, true, false];
    const slices = slicesOf(30, ahead);
    const farAhead = new FarAhead();
    expect(await decide(farAhead, slices)).toEqual([
      {
        kind: "far-ahead",
        topic: "t",
        offset: 42,
        ranges: [
          [33, 36],
          [42, 42],
        ],
      },
    ]);
    expect(marked(farAhead, slices)).toEqual(ahead);
    expect(await decide(farAhead, slices)).toEqual([]);
  });

  it("stay refused however the log is cut, and whatever the clock says then", async () => {
    const farAhead = new FarAhead();
    const ahead = Array.from({ length: 40 }, (_, row) => row % 7 < 3);
    for (const from of [20, 0]) await decide(farAhead, slicesOf(from * 3, ahead.slice(from, from + 20)));
    expect(marked(farAhead, slicesOf(0, ahead))).toEqual(ahead);
    expect(marked(farAhead, slicesOf(15, ahead.slice(5, 12)))).toEqual(ahead.slice(5, 12));
    expect(await decide(farAhead, slicesOf(0, ahead), NOW + LIMITS.aheadMs * 2)).toEqual([]);
    farAhead.forget(63);
    expect(marked(farAhead, slicesOf(0, ahead))).toEqual(ahead.map((is, row) => is && row >= 21));
  });

  it("are judged once: who comes to them while the note is under way waits for it, though the wall has gone on", async () => {
    const farAhead = new FarAhead();
    const slices = slicesOf(0, [false, true, false]);
    const durable = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = farAhead.decide(slices, NOW, () => durable.promise).then(() => order.push("first"));
    const second = decide(farAhead, slices, NOW + 1).then((notes) => order.push(`second, ${notes.length} notes`));
    // Of what it says nothing about nobody waits for it.
    expect(await decide(farAhead, slicesOf(6, [false, true]), NOW + 1 + LIMITS.wallsApartMsMax)).toEqual([]);
    expect(marked(farAhead, slices)).toEqual([false, false, false]);
    order.push("durable");
    durable.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(["durable", "first", "second, 0 notes"]);
    expect(marked(farAhead, slices)).toEqual([false, true, false]);
  });

  it("stop all that come to them where nobody knows whether the note is in the log", async () => {
    const farAhead = new FarAhead();
    const slices = slicesOf(0, [false, true, false]);
    const lost = new Error("no answer");
    await expect(farAhead.decide(slices, NOW, () => Promise.reject(lost))).rejects.toBe(lost);
    await expect(decide(farAhead, slices, NOW + 1)).rejects.toBe(lost);
    await expect(decide(farAhead, slicesOf(0, [false]), NOW + 1)).resolves.toEqual([]);
  });

  it("are let through for good once they were, also where the wall is set back, and by an owner whose wall lags", async () => {
    const slices = slicesOf(0, [false, true, true, false]);
    const before = new FarAhead();
    const notes = await decide(before, slices, NOW + 1);
    expect(notes).toEqual([{ kind: "far-ahead", topic: "t", offset: 6, ranges: [], accepted: [[3, 6]] }]);
    expect(await decide(before, slices, NOW)).toEqual([]);
    const after = new FarAhead();
    after.add(must(notes[0]));
    expect(await decide(after, slices, NOW - LIMITS.wallsApartMsMax)).toEqual([]);
    for (const farAhead of [before, after]) expect(farAhead.marksFor(slices)).toBeNull();
    after.forget(7);
    expect(await decide(after, slices, NOW)).toMatchObject([{ ranges: [[3, 6]] }]);
  });

  it("are not noted where no wall would refuse them", async () => {
    expect(await decide(new FarAhead(), slicesOf(0, [false, true]), NOW + 1 + LIMITS.wallsApartMsMax)).toEqual([]);
  });
});
