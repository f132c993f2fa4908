import { describe, expect, it } from "vitest";
import { SlicesBuilder } from "../../src/adapters/codecs/slices-builder.ts";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import { FarAhead } from "../../src/runtime/far-ahead.ts";

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

describe("timestamps that are far ahead", () => {
  it("are one note a batch, with ranges of offsets", () => {
    const ahead = [false, true, true, false, true, false];
    const slices = slicesOf(30, ahead);
    const farAhead = new FarAhead();
    const note = must(farAhead.noteFor(slices, NOW));
    expect(note).toEqual({
      kind: "far-ahead",
      topic: "t",
      offset: 42,
      ranges: [
        [33, 36],
        [42, 42],
      ],
    });
    expect(farAhead.marksFor(slices)).toBeNull();
    farAhead.add(note);
    expect(marked(farAhead, slices)).toEqual(ahead);
    expect(farAhead.noteFor(slices, NOW)).toBeNull();
  });

  it("stay refused however the log is cut, and whatever the clock says then", () => {
    const farAhead = new FarAhead();
    const ahead = Array.from({ length: 40 }, (_, row) => row % 7 < 3);
    for (const from of [20, 0]) farAhead.add(must(farAhead.noteFor(slicesOf(from * 3, ahead.slice(from, from + 20)), NOW)));
    expect(marked(farAhead, slicesOf(0, ahead))).toEqual(ahead);
    expect(marked(farAhead, slicesOf(15, ahead.slice(5, 12)))).toEqual(ahead.slice(5, 12));
    expect(farAhead.noteFor(slicesOf(0, ahead), NOW + LIMITS.aheadMs * 2)).toBeNull();
    farAhead.forget(63);
    expect(marked(farAhead, slicesOf(0, ahead))).toEqual(ahead.map((is, row) => is && row >= 21));
  });
});
