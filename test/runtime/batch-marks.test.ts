import { describe, expect, it } from "vitest";
import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { SlicesBuilder } from "../../src/adapters/codecs/slices-builder.ts";
import { must } from "../../src/assert.ts";
import type { ColumnBatch } from "../../src/model/column-batch.ts";
import { encodeHeaders } from "../../src/model/record-headers.ts";
import { Flag } from "../../src/plan/code/task.ts";
import { BatchMarks } from "../../src/runtime/feeds/batch-marks.ts";
import { FarAhead } from "../../src/runtime/feeds/far-ahead.ts";
import { RepeatFilter } from "../../src/runtime/feeds/repeat-filter.ts";
import { VersionClock } from "../../src/runtime/tasks/version-clock.ts";

const START = 1_700_000_000_000;

interface Given {
  readonly value?: string | null;
  readonly timestampMs?: number;
  readonly headers?: Buffer;
}

function batchOf(records: readonly Given[]): ColumnBatch {
  const builder = new SlicesBuilder("t", 0);
  for (const [offset, { value = "{}", timestampMs = START + offset, headers = null }] of records.entries()) {
    builder.append(offset, timestampMs, null, value === null ? null : Buffer.from(value), headers);
  }
  const decoder = createDecoder({ valueFormat: "json", keyFormat: "none", fields: [] });
  return decoder.decode(must([...builder.build(records.length)][0]));
}

function begun(batch: ColumnBatch, farAhead = new FarAhead()): BatchMarks {
  const marks = new BatchMarks();
  marks.begin(batch, 0, batch.count, farAhead);
  return marks;
}

const clockAt = (value: number, options: { base?: number; stride?: number } = {}): VersionClock =>
  new VersionClock({ value, base: options.base ?? 0, stride: options.stride ?? 1, partition: 3 });

const sentBy = (statement: string, causeOffset: number): Buffer =>
  encodeHeaders([["sluice", Buffer.from(`s|1|0|${causeOffset}.0|p|${statement}`)]]);

describe("marks of a batch", () => {
  it("say why rows are out of the ordinary, and whether any is", () => {
    const farAhead = new FarAhead();
    farAhead.add({ kind: "far-ahead", topic: "t", offset: 3, ranges: [[2, 3]] });
    const batch = batchOf([{}, { value: "{" }, { timestampMs: START * 2 }, { value: "{", timestampMs: START * 2 }, { value: null }]);
    const marks = begun(batch, farAhead);
    const { flags, isSound } = marks.variantFor(new RepeatFilter({}));
    expect([...flags.subarray(0, 5)]).toEqual([Flag.none, Flag.broken, Flag.ahead, Flag.broken, Flag.tombstone]);
    expect(isSound).toBe(false);
    expect(marks.latestMs).toBe(START + 4);
    // What a note refuses moves no clock, broken or not.
    expect([...marks.versionsFor(clockAt(0)).subarray(0, 5)]).toEqual(
      [0, 1, 2, 3, 4].map((n) => START * 1000 + (n < 2 || n === 4 ? n * 1000 : 999 + n)),
    );
    expect(begun(batchOf([{}, {}])).variantFor(new RepeatFilter({})).isSound).toBe(true);
  });

  it("are the versions of all clocks that agree, and of no other", () => {
    const batch = batchOf(Array.from({ length: 100 }, (_, n) => ({ timestampMs: START + (n % 7) })));
    const marks = begun(batch);
    const clocks = [
      clockAt(START * 1000),
      clockAt(5, { base: START * 1000 + 1 }),
      clockAt(START * 1000 + 1),
      clockAt(START * 1000, { stride: 8 }),
      clockAt(0),
    ];
    const versions = clocks.map((clock) => marks.versionsFor(clock));
    expect(new Set(versions).size).toBe(4);
    expect(versions[1]).toBe(versions[0]);
    for (const [index, clock] of clocks.entries()) {
      const alone = new Float64Array(batch.count);
      clock.stamp(batch.slices.timestampsMs, 0, batch.count, null, alone);
      expect(must(versions[index]).subarray(0, batch.count)).toEqual(alone);
    }
  });

  it("drop the same repeats for statements that have taken the same, and others for others", () => {
    const batch = batchOf([1, 2, 2, 3].map((cause) => ({ headers: sentBy("s", cause) })));
    const marks = begun(batch);
    const fresh = new RepeatFilter({});
    const like = new RepeatFilter({});
    const further = new RepeatFilter({ "p|0|s": [1, 2, 0] });
    const variant = marks.variantFor(fresh);
    expect(marks.variantFor(like)).toBe(variant);
    const other = marks.variantFor(further);
    expect(other).not.toBe(variant);
    expect([...variant.flags.subarray(0, 4)]).toEqual([0, 0, Flag.repeat, 0]);
    expect([...other.flags.subarray(0, 4)]).toEqual([Flag.repeat, Flag.repeat, Flag.repeat, 0]);
    fresh.take(must(marks.origins), 0, 4);
    expect(fresh.kept()).toEqual(Object.fromEntries(variant.after));
    expect(Object.fromEntries(other.after)).toEqual({ "p|0|s": [1, 3, 0] });
    // Half of the rows: as far as they go.
    like.take(must(marks.origins), 0, 1);
    expect(like.kept()).toEqual({ "p|0|s": [1, 1, 0] });
    expect(begun(batchOf([{}])).origins).toBeNull();
  });

  it("read event times once, and follow the largest that moves stream time", () => {
    const farAhead = new FarAhead();
    farAhead.add({ kind: "far-ahead", topic: "t", offset: 3, ranges: [[3, 3]] });
    const marks = begun(batchOf([{}, {}, { value: "{" }, { timestampMs: START * 2 }, {}]), farAhead);
    let reads = 0;
    const given = [5, 3, Number.NaN, 99, 7];
    const eventTimes = {
      key: "k",
      wallOf: null,
      fill: (_batch: ColumnBatch, from: number, to: number, _flags: Uint8Array, times: Float64Array) => {
        reads++;
        times.set(given.slice(from, to), from);
      },
    };
    const variant = marks.variantFor(new RepeatFilter({}));
    const column = variant.timesOf(eventTimes);
    expect(variant.timesOf({ ...eventTimes })).toBe(column);
    expect(reads).toBe(1);
    expect([...column.latest.subarray(0, 5)]).toEqual([5, 5, 5, 5, 7]);
    expect(column.isSound).toBe(false);
  });
});
