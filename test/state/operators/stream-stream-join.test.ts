import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { LIMITS } from "../../../src/limits.ts";
import type { JoinSide } from "../../../src/state/operators/join-options.ts";
import type { SideRows } from "../../../src/state/operators/operator.ts";
import { StreamStreamJoin } from "../../../src/state/operators/stream-stream-join.ts";
import { StreamTableJoin } from "../../../src/state/operators/stream-table-join.ts";
import { lowerLimits } from "../../property/lower-limits.ts";
import { SeededRandom, seeds } from "../../property/random.ts";
import { randomLog, runOperator } from "./run-operator.ts";
import {
  cellsOf,
  keysOf,
  leftIsLess,
  NOTHING,
  type SeenRow,
  SIDE_COLUMNS,
  SIDE_FIELDS,
  type SideRecord,
  SideSource,
  seenRows,
} from "./side-records.ts";

type Type = "inner" | "left" | "right" | "full";
interface Within {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
}

const { joinRowsMax } = LIMITS;
afterEach(() => lowerLimits({ joinRowsMax }));

function sidesOf(keys: readonly string[]): { readonly left: JoinSide; readonly right: JoinSide } {
  const side = { columns: SIDE_COLUMNS, fields: SIDE_FIELDS, inputs: 1, keys: keysOf(keys, true) };
  return { left: side, right: side };
}

function newJoin(type: Type, within: Within, hasResidual: boolean): StreamStreamJoin {
  return new StreamStreamJoin({
    ...sidesOf(["k"]),
    type,
    keyParts: 1,
    residual: hasResidual ? leftIsLess() : null,
    partition: 0,
    within,
  });
}

interface Kept {
  readonly record: SideRecord;
  readonly key: string;
  readonly n: unknown;
  readonly arrival: number;
  matched: boolean;
}

/** Written from the semantics, row by row, with none of the operator's code. */
function naive(log: readonly SideRecord[], type: Type, { beforeMs, afterMs, graceMs }: Within, hasResidual: boolean) {
  const rows: Omit<SeenRow, "version">[] = [];
  const failed: number[] = [];
  let [late, filtered, streamTimeMs, arrivals] = [0, 0, Number.NEGATIVE_INFINITY, 0];
  let kept: Kept[] = [];
  const isOuter = (side: 0 | 1): boolean => type === "full" || type === (side === 0 ? "left" : "right");
  const isOver = ({ side, timeMs }: SideRecord): boolean => streamTimeMs > timeMs + (side === 0 ? afterMs : beforeMs) + graceMs;
  for (const record of log) {
    const before = streamTimeMs;
    streamTimeMs = Math.max(streamTimeMs, record.timeMs);
    if (isOver(record)) {
      late++;
      streamTimeMs = before;
      continue;
    }
    let ordinal = 0;
    const put = (left: SideRecord | null, right: SideRecord | null, at = streamTimeMs): void => {
      rows.push({
        sequence: record.sequence,
        ordinal: ordinal++,
        timeMs: Math.max(left?.timeMs ?? Number.NEGATIVE_INFINITY, right?.timeMs ?? Number.NEGATIVE_INFINITY),
        streamTimeMs: at,
        isDelete: false,
        left: left === null ? NOTHING : [cellsOf(left), left.offset],
        right: right === null ? NOTHING : [cellsOf(right), right.offset],
      });
    };
    const { side } = record;
    const value = JSON.parse(record.value as string) as { k?: unknown; n: unknown };
    const text = record.value as string;
    const k = value.k ?? null;
    // What JSON.parse rounds is told apart by its digits.
    const key = typeof k === "number" && k > 2 ** 52 ? (/900719925474099\d/.exec(text)?.[0] ?? "") : JSON.stringify(k);
    const met = kept.filter(({ record: other, key: otherKey }) => {
      if (other.side === side || key === "null" || otherKey !== key || isOver(other)) return false;
      const [l, r] = side === 0 ? [record, other] : [other, record];
      return l.timeMs - beforeMs <= r.timeMs && r.timeMs <= l.timeMs + afterMs;
    });
    const isBroken = typeof k === "object" && k !== null;
    const isUnjudged = hasResidual && met.some(({ n }) => typeof n !== "number" || typeof value.n !== "number");
    const gone = kept.filter((one) => isOver(one.record)).sort((a, b) => a.record.timeMs - b.record.timeMs || a.arrival - b.arrival);
    kept = kept.filter((one) => !gone.includes(one));
    for (const one of gone) {
      if (one.matched || !isOuter(one.record.side)) continue;
      // However far stream time goes at once, it leaves at a time at which what comes behind it is not late.
      const at = Math.max(before, Math.min(streamTimeMs, one.record.timeMs + Math.max(afterMs, beforeMs) + graceMs));
      if (one.record.side === 0) put(one.record, null, at);
      else put(null, one.record, at);
    }
    if (isBroken || isUnjudged) {
      failed.push(record.sequence);
      continue;
    }
    if (key === "null") {
      if (!isOuter(side)) filtered++;
      else if (side === 0) put(record, null);
      else put(null, record);
      continue;
    }
    const pairs = met.filter(
      ({ n }) => !hasResidual || (side === 0 ? (value.n as number) < (n as number) : (n as number) < (value.n as number)),
    );
    for (const other of pairs) {
      other.matched = true;
      if (side === 0) put(record, other.record);
      else put(other.record, record);
    }
    kept.push({ record, key, n: value.n, arrival: arrivals++, matched: pairs.length > 0 });
  }
  return { rows, failed, late, filtered };
}

const TYPES: readonly Type[] = ["inner", "left", "right", "full"];

describe("a join of two streams", () => {
  it.each(seeds([], 12))("gives what comes out row by row, however cut and restarted: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (const type of TYPES) {
      const within = { beforeMs: random.below(120), afterMs: random.below(120), graceMs: random.pick([0, 30, 200]) };
      const hasResidual = random.chance(0.5);
      const log = randomLog(random, 160, { tombstones: false, noKeys: false });
      const expected = naive(log, type, within, hasResidual);
      for (const crashes of [false, true]) {
        lowerLimits({ joinRowsMax: random.pick([1, 2, 5, 1000]) });
        const interned = random.chance(0.5);
        const seen = runOperator(() => newJoin(type, within, hasResidual), log, random, { crashes, interned });
        const label = `SEED=${seed} ${type} ${JSON.stringify(within)} residual ${hasResidual} crashes ${crashes}`;
        expect(
          seen.rows.map(({ version, ...row }) => row),
          label,
        ).toEqual(expected.rows);
        expect(seen.rows.every(({ version, sequence }) => version === sequence * 10)).toBe(true);
        expect(
          seen.failed.map((text) => Number.parseInt(text, 10)),
          label,
        ).toEqual(expected.failed);
        expect([seen.late, seen.filtered], label).toEqual([expected.late, expected.filtered]);
      }
    }
  });

  const HOUR = { beforeMs: 1000, afterMs: 1000, graceMs: 0 };
  const sources = [new SideSource(true), new SideSource(true)] as const;
  const never = (): boolean => expect.unreachable();
  const reading = (side: 0 | 1, sequence: number, timeMs: number, n: number | string = sequence): SideRecord => {
    return { side, sequence, offset: sequence, timeMs, key: null, value: `{"k":"a","n":${JSON.stringify(n)}}` };
  };
  const take = (join: StreamStreamJoin, records: readonly SideRecord[], fail: SideRows["fail"] = never): number => {
    const side = must(records[0]).side;
    return join.take(side, sources[side].rows(records, fail), 0, records.length);
  };
  const ofPieces = (join: StreamStreamJoin, again: () => boolean): SeenRow[] => {
    const rows: SeenRow[] = [];
    for (let isDone = false; !isDone; ) {
      isDone = again();
      const piece = join.drain();
      if (piece !== null) rows.push(...seenRows(piece));
      expect(piece === null || piece.to <= LIMITS.joinRowsMax).toBe(true);
    }
    return rows;
  };

  it("gives what one record makes in pieces, however much it is", () => {
    lowerLimits({ joinRowsMax: 100 });
    const join = newJoin("left", HOUR, false);
    take(
      join,
      Array.from({ length: 450 }, (_, index) => reading(0, index + 1, 1000 + index)),
    );
    expect(join.drain()).toBe(null);
    const last = [reading(1, 1000, 1400)];
    const rows = ofPieces(join, () => take(join, last) === 1);
    expect(rows.map(({ ordinal, left: [, offset] }) => [ordinal, offset])).toEqual(
      Array.from({ length: 450 }, (_, index) => [index, index + 1]),
    );
    expect(join.isWithin).toBe(false);
  });

  it("lets go what stream time has passed, whoever moved it, and keeps no memory of it", () => {
    lowerLimits({ joinRowsMax: 100 });
    const join = newJoin("full", HOUR, false);
    const empty = join.byteLength;
    take(
      join,
      Array.from({ length: 350 }, (_, index) => reading(0, index + 1, 1000 + index)),
    );
    take(
      join,
      Array.from({ length: 2 }, (_, index) => reading(1, 400 + index, 2100 + index)),
    );
    const met = ofPieces(join, () => take(join, [reading(1, 402, 2102)]) === 1);
    expect(met.length).toBeGreaterThan(0);
    expect(join.nextExpiryMs).toBe(2102);
    expect(join.advance(2050, 403, 4030)).toBe(true);
    expect(join.drain()).toBe(null);
    const closingTimeMs = must(join.closingTimeMs);
    const rows = ofPieces(join, () => join.advance(closingTimeMs, 403, 4030));
    expect(rows.map(({ ordinal }) => ordinal)).toEqual(rows.map((_, index) => index));
    expect(
      rows.every(({ sequence, version, streamTimeMs }) => sequence === 403 && version === 4030 && streamTimeMs === closingTimeMs),
    ).toBe(true);
    expect(rows.every(({ right: [, offset] }) => offset === null)).toBe(true);
    expect([join.closingTimeMs, join.nextExpiryMs]).toEqual([null, Number.POSITIVE_INFINITY]);
    expect(take(join, [reading(0, 500, closingTimeMs - 1001)])).toBe(1);
    expect(join.late).toBe(1);
    const restored = newJoin("full", HOUR, false);
    restored.apply(join.takeSnapshot());
    expect(restored.byteLength).toBe(empty);
    expect(restored.streamTimeMs).toBe(closingTimeMs);
  });

  it("keeps as much as is within reach, however long it runs", () => {
    const join = newJoin("full", { beforeMs: 100, afterMs: 100, graceMs: 50 }, false);
    const random = new SeededRandom(5);
    const bytes: number[] = [];
    for (let round = 0; round < 60; round++) {
      for (const side of [0, 1] as const) {
        const records = Array.from({ length: 200 }, (_, index) => {
          const record = reading(side, round * 1000 + side * 300 + index, round * 1000 + index * 5);
          return { ...record, value: `{"k":"${random.below(1e6)}","x":"${"y".repeat(100)}"}` };
        });
        ofPieces(join, () => take(join, records) === 200);
      }
      join.takeDelta();
      bytes.push(join.byteLength);
    }
    expect(bytes.at(-1)).toBeLessThanOrEqual(must(bytes[9]) * 1.5);
  });

  it("is as it was after a record at which it has to stop", () => {
    const join = newJoin("full", HOUR, true);
    take(
      join,
      [1, 2, 3].map((sequence) => reading(0, sequence, 1000 + sequence)),
    );
    join.drain();
    const before = join.takeSnapshot();
    const told: string[] = [];
    const stop = (row: number, message: string): boolean => told.push(`${row}: ${message}`) > 0;
    expect(take(join, [reading(1, 10, 1900), reading(1, 11, 2001, "x"), reading(1, 12, 5000)], stop)).toBe(1);
    expect(told).toEqual(["1: n: expected a number, found a string"]);
    expect(must(join.drain()).to).toBe(3);
    expect(join.streamTimeMs).toBe(1900);
    const other = newJoin("full", HOUR, true);
    other.apply(before);
    take(other, [reading(1, 10, 1900)]);
    expect(join.takeSnapshot()).toEqual(other.takeSnapshot());
  });

  it("refuses the rows of another join", () => {
    const join = newJoin("inner", HOUR, false);
    const table = new StreamTableJoin({ ...sidesOf(["k"]), type: "inner", keyParts: 1, residual: null, partition: 0 });
    expect(() => table.apply(join.takeSnapshot())).toThrowError(/another join/);
    expect(() => join.apply(Buffer.of(9, 9, 9))).toThrowError(/unknown format/);
  });
});
