import { afterEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/limits.ts";
import { StreamStreamJoin } from "../../../src/state/operators/stream-stream-join.ts";
import { lowerLimits } from "../../property/lower-limits.ts";
import { SeededRandom, seeds } from "../../property/random.ts";
import { randomLog, runOperator } from "./run-operator.ts";
import { cellsOf, keysOf, leftIsLess, NOTHING, type SeenRow, SIDE_COLUMNS, SIDE_FIELDS, type SideRecord } from "./side-records.ts";

type Type = "inner" | "left" | "right" | "full";
interface Within {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number;
}

const { joinRowsMax } = LIMITS;
afterEach(() => lowerLimits({ joinRowsMax }));

function newJoin(type: Type, within: Within, hasResidual: boolean, keys: readonly string[] = ["k"]): StreamStreamJoin {
  const side = { columns: SIDE_COLUMNS, fields: SIDE_FIELDS, inputs: 1, keys: keysOf(keys, true) };
  return new StreamStreamJoin({
    type,
    left: side,
    right: side,
    keyParts: keys.length,
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
    const put = (left: SideRecord | null, right: SideRecord | null): void => {
      rows.push({
        sequence: record.sequence,
        ordinal: ordinal++,
        timeMs: Math.max(left?.timeMs ?? Number.NEGATIVE_INFINITY, right?.timeMs ?? Number.NEGATIVE_INFINITY),
        streamTimeMs,
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
      if (one.record.side === 0) put(one.record, null);
      else put(null, one.record);
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
});
