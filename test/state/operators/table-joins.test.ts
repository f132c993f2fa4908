import { isDeepStrictEqual } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { LIMITS } from "../../../src/limits.ts";
import { ForeignKeyJoin } from "../../../src/state/operators/foreign-key-join.ts";
import { TableTableJoin } from "../../../src/state/operators/table-table-join.ts";
import { lowerLimits } from "../../property/lower-limits.ts";
import { SeededRandom, seeds } from "../../property/random.ts";
import { type Outcome, randomLog, runOperator } from "./run-operator.ts";
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

type Type = "inner" | "left" | "right" | "full";

const { joinRowsMax } = LIMITS;
afterEach(() => lowerLimits({ joinRowsMax }));

const side = { columns: SIDE_COLUMNS, fields: SIDE_FIELDS, inputs: 1 };

function newKeyJoin(type: Type, hasResidual: boolean): TableTableJoin {
  const keyed = { ...side, keys: keysOf([""], true) };
  return new TableTableJoin({ type, left: keyed, right: keyed, keyParts: 1, residual: hasResidual ? leftIsLess() : null, partition: 0 });
}

function newForeignJoin(type: Type, hasResidual: boolean): ForeignKeyJoin {
  return new ForeignKeyJoin({
    type,
    left: { ...side, keys: keysOf(["f"], true) },
    right: { ...side, keys: keysOf([""], true) },
    keyParts: 1,
    leftKeys: keysOf([""], true),
    leftKeyParts: 1,
    residual: hasResidual ? leftIsLess() : null,
    partition: 0,
  });
}

const numberIn = ({ value }: SideRecord): unknown => (JSON.parse(value as string) as { n: unknown }).n;
const nameIn = ({ value }: SideRecord): string => (JSON.parse(value as string) as { f: string }).f;

/** null: the pair cannot be judged. */
function isPair(left: SideRecord, right: SideRecord, hasResidual: boolean): boolean | null {
  if (!hasResidual) return true;
  const [l, r] = [numberIn(left), numberIn(right)];
  return typeof l === "number" && typeof r === "number" ? l < r : null;
}

/** The joined table, made anew from both tables. `leftKey`: what a row of it is called. */
function joinedTable(
  tables: readonly [ReadonlyMap<string, SideRecord>, ReadonlyMap<string, SideRecord>],
  type: Type,
  hasResidual: boolean,
  foreign: boolean,
): Map<string, readonly [SideRecord | null, SideRecord | null]> {
  const joined = new Map<string, readonly [SideRecord | null, SideRecord | null]>();
  for (const [key, left] of tables[0]) {
    const right = tables[1].get(foreign ? nameIn(left) : key) ?? null;
    if (right !== null && isPair(left, right, hasResidual) === true) joined.set(key, [left, right]);
    else if (type === "left" || type === "full") joined.set(key, [left, null]);
    else if (type === "right" && right !== null) joined.set(key, [null, right]);
  }
  for (const [key, right] of tables[1]) {
    if (!foreign && (type === "right" || type === "full") && !tables[0].has(key)) joined.set(key, [null, right]);
  }
  return joined;
}

/** What the joined table is after each record, and which records change nothing because they fail. */
function naive(log: readonly SideRecord[], type: Type, hasResidual: boolean, foreign: boolean) {
  const tables = [new Map<string, SideRecord>(), new Map<string, SideRecord>()] as const;
  const failed: number[] = [];
  const after = new Map<number, ReturnType<typeof joinedTable>>();
  for (const record of log) {
    const others = [...tables[record.side === 0 ? 1 : 0].entries()];
    const isMet = ([key, other]: [string, SideRecord]): boolean =>
      foreign ? (record.side === 0 ? nameIn(record) === key : nameIn(other) === record.key) : record.key === key;
    const met = record.value === null ? [] : others.filter(isMet).map(([, other]) => other);
    const isUnjudged = met.some(
      (other) => isPair(...((record.side === 0 ? [record, other] : [other, record]) as [SideRecord, SideRecord]), hasResidual) === null,
    );
    if (record.key === null || isUnjudged) failed.push(record.sequence);
    else if (record.value === null) tables[record.side].delete(record.key);
    else tables[record.side].set(record.key, record);
    after.set(record.sequence, joinedTable(tables, type, hasResidual, foreign));
  }
  return { failed, after };
}

/** The joined table by what has come out until each record, told to `see`; gives what is wrong with the rows. */
function follow(
  log: readonly SideRecord[],
  { rows }: Outcome,
  foreign: boolean,
  see: (sequence: number, table: ReadonlyMap<string, string>) => void,
): readonly string[] {
  const table = new Map<string, string>();
  const problems: string[] = [];
  let at = 0;
  for (const { sequence } of log) {
    for (let ordinal = 0; rows[at]?.sequence === sequence; at++, ordinal++) {
      const { left, right, ...row } = rows[at] as SeenRow;
      if (row.ordinal !== ordinal) problems.push(`${sequence}: ordinal ${row.ordinal}`);
      if (row.version !== sequence * 10) problems.push(`${sequence}: version ${row.version}`);
      // The record key of the side that is there.
      const [, key] = /^7 (.*)$/s.exec((left[0][0] === "0" && !foreign ? right[0][0] : left[0][0]) ?? "") ?? [];
      if (key === undefined) problems.push(`${sequence}: no key`);
      else if (row.isDelete && !table.delete(key)) problems.push(`${sequence}: ${key} was not there`);
      else if (!row.isDelete) table.set(key, JSON.stringify([left, right]));
    }
    see(sequence, table);
  }
  if (at !== rows.length) problems.push(`${rows.length - at} rows of no record`);
  return problems;
}

const shown = (record: SideRecord | null): SeenRow["left"] => (record === null ? NOTHING : [cellsOf(record), record.offset]);

interface Case {
  readonly make: () => TableTableJoin | ForeignKeyJoin;
  readonly type: Type;
  readonly hasResidual: boolean;
  readonly foreign: boolean;
}

function check({ make, type, hasResidual, foreign }: Case, random: SeededRandom, name: string): void {
  const log = randomLog(random, 120, { tombstones: true, noKeys: true });
  const expected = naive(log, type, hasResidual, foreign);
  for (const crashes of [false, true]) {
    lowerLimits({ joinRowsMax: random.pick([1, 2, 1000]) });
    const seen = runOperator(make, log, random, { crashes, interned: random.chance(0.5) });
    const label = `${name} ${type} residual ${hasResidual} foreign ${foreign} crashes ${crashes}`;
    expect(
      seen.failed.map((text) => Number.parseInt(text, 10)),
      label,
    ).toEqual(expected.failed);
    const problems = follow(log, seen, foreign, (sequence, table) => {
      const wanted = new Map([...must(expected.after.get(sequence))].map(([key, row]) => [key, JSON.stringify(row.map(shown))]));
      if (!isDeepStrictEqual(new Map(table), wanted)) expect(new Map(table), `${label}, after ${sequence}`).toEqual(wanted);
    });
    // Where a condition stands beside the keys, a row that it had kept away may be deleted all the same.
    expect(
      problems.filter((problem) => !(hasResidual && problem.endsWith("was not there"))),
      label,
    ).toEqual([]);
  }
}

describe("a join of two tables", () => {
  it.each(seeds([], 8))("by their keys is that of what both are after each record: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (const type of ["inner", "left", "right", "full"] as const) {
      for (const hasResidual of type === "full" ? [false] : [false, true]) {
        check({ make: () => newKeyJoin(type, hasResidual), type, hasResidual, foreign: false }, random, `SEED=${seed}`);
      }
    }
  });

  it.each(seeds([], 8))("by a foreign key is that of what both are after each record: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (const type of ["inner", "left"] as const) {
      for (const hasResidual of [false, true]) {
        check({ make: () => newForeignJoin(type, hasResidual), type, hasResidual, foreign: true }, random, `SEED=${seed}`);
      }
    }
  });

  it.each(["keys", "foreign key"])("by %s keeps nothing of rows that have gone", (by) => {
    const join = by === "keys" ? newKeyJoin("full", false) : newForeignJoin("left", false);
    const sources = [new SideSource(false), new SideSource(false)] as const;
    const bytes: number[] = [];
    for (let round = 0; round < 40; round++) {
      for (const value of ['{"f":"same","n":1}', null]) {
        for (const side of [0, 1] as const) {
          const records = Array.from({ length: 100 }, (_, index): SideRecord => {
            const sequence = round * 1000 + index;
            return { side, sequence, offset: sequence, timeMs: 0, key: `key ${sequence} ${"long ".repeat(50)}`, value };
          });
          const rows = sources[side].rows(records, () => expect.unreachable());
          for (let row = 0; row < 100; join.drain()) row = join.take(side, rows, row, 100);
        }
      }
      join.takeDelta();
      bytes.push(join.byteLength);
    }
    expect(bytes.at(-1)).toBeLessThanOrEqual(must(bytes[4]) * 1.2);
    const empty = by === "keys" ? newKeyJoin("full", false) : newForeignJoin("left", false);
    expect(join.takeSnapshot().length).toBe(empty.takeSnapshot().length);
  });
});
