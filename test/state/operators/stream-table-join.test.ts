import { afterEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/limits.ts";
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
} from "./side-records.ts";

const { joinRowsMax } = LIMITS;
afterEach(() => lowerLimits({ joinRowsMax }));

function newJoin(type: "inner" | "left", hasResidual: boolean): StreamTableJoin {
  const side = { columns: SIDE_COLUMNS, fields: SIDE_FIELDS, inputs: 1 };
  return new StreamTableJoin({
    type,
    left: { ...side, keys: keysOf(["f"], false) },
    right: { ...side, keys: keysOf([""], true) },
    keyParts: 1,
    residual: hasResidual ? leftIsLess() : null,
    partition: 0,
  });
}

/** Written from the semantics, row by row, with none of the operator's code. */
function naive(log: readonly SideRecord[], type: "inner" | "left", hasResidual: boolean) {
  const rows: Omit<SeenRow, "version">[] = [];
  const failed: number[] = [];
  const table = new Map<string, SideRecord>();
  let filtered = 0;
  let streamTimeMs = Number.NEGATIVE_INFINITY;
  for (const record of log) {
    if (record.side === 1) {
      if (record.key === null) failed.push(record.sequence);
      else if (record.value === null) table.delete(record.key);
      else table.set(record.key, record);
      continue;
    }
    if (record.value === null) {
      filtered++;
      continue;
    }
    streamTimeMs = Math.max(streamTimeMs, record.timeMs);
    const { f, n } = JSON.parse(record.value) as { f: string; n: unknown };
    let right = table.get(f);
    if (right !== undefined && hasResidual) {
      const other = (JSON.parse(right.value as string) as { n: unknown }).n;
      if (typeof n !== "number" || typeof other !== "number") {
        failed.push(record.sequence);
        continue;
      }
      if (n >= other) right = undefined;
    }
    if (right === undefined && type === "inner") {
      filtered++;
      continue;
    }
    rows.push({
      sequence: record.sequence,
      ordinal: 0,
      timeMs: record.timeMs,
      streamTimeMs,
      isDelete: false,
      left: [cellsOf(record), record.offset],
      right: right === undefined ? NOTHING : [cellsOf(right), right.offset],
    });
  }
  return { rows, failed, filtered };
}

describe("a join of a stream with a table", () => {
  it.each(seeds([], 10))("gives what comes out row by row, however cut and restarted: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (const type of ["inner", "left"] as const) {
      for (const hasResidual of [false, true]) {
        const log = randomLog(random, 160, { tombstones: true, noKeys: true });
        const expected = naive(log, type, hasResidual);
        for (const crashes of [false, true]) {
          lowerLimits({ joinRowsMax: random.pick([1, 3, 1000]) });
          const seen = runOperator(() => newJoin(type, hasResidual), log, random, { crashes, interned: random.chance(0.5) });
          const label = `SEED=${seed} ${type} residual ${hasResidual} crashes ${crashes}`;
          expect(
            seen.rows.map(({ version, ...row }) => row),
            label,
          ).toEqual(expected.rows);
          expect(seen.rows.every(({ version, sequence }) => version === sequence * 10)).toBe(true);
          expect(
            seen.failed.map((text) => Number.parseInt(text, 10)),
            label,
          ).toEqual(expected.failed);
          expect(seen.filtered, label).toBe(expected.filtered);
        }
      }
    }
  });

  const record = (side: 0 | 1, sequence: number, key: string, value: string): SideRecord => {
    return { side, sequence, offset: sequence, timeMs: sequence, key, value };
  };
  const sources = [new SideSource(true), new SideSource(true)] as const;

  it("shares the columns of the stream where each of its rows comes out, from whatever row on", () => {
    const join = newJoin("inner", false);
    const never = (): boolean => expect.unreachable();
    join.take(1, sources[1].rows([record(1, 1, "a", '{"n":1}')], never), 0, 1);
    const stream = sources[0].rows(
      ["z", "a", "a"].map((f, index) => record(0, index + 2, "k", `{"f":"${f}"}`)),
      never,
    );
    join.take(0, stream, 1, 3);
    const joined = join.drain();
    expect([joined?.from, joined?.to]).toEqual([1, 3]);
    expect(joined?.batch.columns.slice(0, SIDE_COLUMNS.length)).toEqual(stream.batch.columns);
    expect(joined?.batch.columns[1]).toBe(stream.batch.columns[1]);
    expect(joined?.batch.slices.offsets).toBe(stream.sequences);
    join.take(0, stream, 0, 3);
    expect(join.drain()?.batch.columns[1]).not.toBe(stream.batch.columns[1]);
    expect(join.filtered).toBe(1);
  });

  it("stops before a row that cannot be taken, with what came before it", () => {
    const join = newJoin("left", true);
    const told: string[] = [];
    const fail = (row: number, message: string): boolean => told.push(`${row}: ${message}`) > 0;
    join.take(1, sources[1].rows([record(1, 1, "a", '{"n":5}')], fail), 0, 1);
    const stream = sources[0].rows(
      ["1", "2", '"x"', "3"].map((n, index) => record(0, index + 2, "k", `{"f":"a","n":${n}}`)),
      fail,
    );
    expect(join.take(0, stream, 0, 4)).toBe(2);
    expect(join.drain()?.to).toBe(2);
    expect(told).toEqual(["2: n: expected a number, found a string"]);
    expect(join.streamTimeMs).toBe(3);
  });
});
