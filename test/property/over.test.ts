import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";

lowerLimits({ barrierChangesMax: 60, fetchBytesMax: 4096, fetchWaitMs: 30, batchRowsMax: 50, joinRowsMax: 40 });

const T = 1_700_000_100_000;

interface Item {
  readonly id: number;
  readonly k: string | null;
  readonly g: string;
  readonly v: number | null;
  readonly s: string | null;
  readonly timeMs: number;
  readonly partition: number;
}

/** Of the rows of a frame, the last of which is the current one unless the frame ends before it. */
type Call = { readonly sql: string; readonly of: (frame: readonly Item[], before: readonly Item[], row: Item) => unknown };

const values = (rows: readonly Item[]): readonly number[] => rows.flatMap(({ v }) => (v === null ? [] : [v]));
const texts = (rows: readonly Item[]): readonly string[] => rows.flatMap(({ s }) => (s === null ? [] : [s]));
const sum = (numbers: readonly number[]): number | null => (numbers.length === 0 ? null : numbers.reduce((a, b) => a + b, 0));
const orNull = <T>(value: T | undefined): T | null => value ?? null;

const FRAMED: readonly Call[] = [
  { sql: "SUM(v)", of: (frame) => sum(values(frame)) },
  { sql: "COUNT(*)", of: (frame) => frame.length },
  { sql: "COUNT(v)", of: (frame) => values(frame).length },
  { sql: "AVG(v)", of: (frame) => (values(frame).length === 0 ? null : must(sum(values(frame)) as number) / values(frame).length) },
  { sql: "MIN(v)", of: (frame) => (values(frame).length === 0 ? null : Math.min(...values(frame))) },
  { sql: "MAX(v)", of: (frame) => (values(frame).length === 0 ? null : Math.max(...values(frame))) },
  { sql: "MAX(s)", of: (frame) => orNull([...texts(frame)].sort().at(-1)) },
  { sql: "COUNT(DISTINCT s)", of: (frame) => new Set(texts(frame)).size },
  { sql: "COLLECT_LIST(v)", of: (frame) => frame.map(({ v }) => v) },
  { sql: "STRING_AGG(s, '/')", of: (frame) => (texts(frame).length === 0 ? null : texts(frame).join("/")) },
  { sql: "SUM(v) FILTER (WHERE s = 'x')", of: (frame) => sum(values(frame.filter(({ s }) => s === "x"))) },
  { sql: "FIRST_VALUE(v)", of: (frame) => orNull(frame[0]?.v) },
  { sql: "LAST_VALUE(v)", of: (frame) => orNull(frame.at(-1)?.v) },
  { sql: "FIRST_VALUE(s IGNORE NULLS)", of: (frame) => orNull(texts(frame)[0]) },
  { sql: "LAST_VALUE(s) IGNORE NULLS", of: (frame) => orNull(texts(frame).at(-1)) },
  { sql: "LAST_VALUE(v * 2 IGNORE NULLS)", of: (frame) => (values(frame).length === 0 ? null : must(values(frame).at(-1)) * 2) },
];

const UNFRAMED: readonly Call[] = [
  { sql: "ROW_NUMBER()", of: (_frame, before) => before.length + 1 },
  { sql: "LAG(v)", of: (_frame, before) => orNull(before.at(-1)?.v) },
  { sql: "LAG(s, 3, 'none')", of: (_frame, before) => (before.length < 3 ? "none" : must(before.at(-3)).s) },
  { sql: "LAG(id, 0)", of: (_frame, _before, row) => row.id },
  { sql: "LAG(v, 2, v) IGNORE NULLS", of: (_frame, before, row) => (values(before).length < 2 ? row.v : must(values(before).at(-2))) },
];

interface Frame {
  readonly sql: string;
  readonly isTimed: boolean;
  readonly of: (before: readonly Item[], row: Item) => readonly Item[];
}

function randomFrame(random: SeededRandom, isTimed: boolean): Frame {
  const to = random.chance(0.3) ? random.below(4) : 0;
  const from = random.chance(0.25) ? null : to + random.below(6);
  const bound = (distance: number): string =>
    distance === 0 ? "CURRENT ROW" : isTimed ? `INTERVAL '${distance * 200}' MILLISECONDS PRECEDING` : `${distance} PRECEDING`;
  const isAll = from === null && to === 0;
  const sql = `${isTimed ? "RANGE" : "ROWS"} BETWEEN ${from === null ? "UNBOUNDED PRECEDING" : bound(from)} AND ${bound(to)}`;
  return {
    sql: isAll && random.chance(0.5) ? "" : sql,
    isTimed: isTimed && !isAll,
    of: (before, row) => {
      const all = [...before, row];
      if (isAll) return all;
      if (!isTimed) return all.slice(from === null ? 0 : Math.max(all.length - 1 - from, 0), Math.max(all.length - to, 0));
      const isIn = ({ timeMs }: Item): boolean => timeMs <= row.timeMs - to * 200 && (from === null || timeMs >= row.timeMs - from * 200);
      return all.filter(isIn);
    },
  };
}

const ORDERS = ["at", "_timestamp", "_offset"];

interface Statement {
  readonly sql: string;
  readonly rows: (items: readonly Item[]) => readonly string[];
  readonly late: (items: readonly Item[]) => number;
}

/** Several calls in one SELECT, of different partitions and frames. */
function randomStatement(name: string, random: SeededRandom): Statement {
  const isTimed = random.chance(0.4);
  const calls = Array.from({ length: 1 + random.below(4) }, (_, index) => {
    const isFramed = random.chance(0.75);
    const call = random.pick(isFramed ? FRAMED : UNFRAMED);
    const frame = isFramed ? randomFrame(random, isTimed) : null;
    const by = random.pick([["k"], ["k", "g"], ["g", "k"]] as const);
    const over = `OVER (PARTITION BY ${by.join(", ")} ORDER BY ${random.pick(ORDERS)} ${frame?.sql ?? ""})`;
    // A row number without a frame is a place.
    const order = call.sql === "ROW_NUMBER()" ? over.replace(/ORDER BY .*\)/, "ORDER BY _offset)") : over;
    const isWithin = random.chance(0.3);
    const expr = isWithin ? `NOT ((${call.sql} ${order}) IS NULL AND id >= 0)` : `${call.sql} ${order}`;
    const of: Call["of"] = (...given) => (isWithin ? call.of(...given) !== null : call.of(...given));
    return { name: `c${index}`, sql: `${expr} AS c${index}`, of, frame, by };
  });
  const filters = random.chance(0.4);
  const where = filters ? " WHERE id % 5 <> 0" : "";
  const isNested = random.chance(0.5);
  const select = `SELECT id, ${calls.map(({ sql }) => sql).join(", ")}, s || '!' AS t FROM t${where}`;
  const sql = isNested
    ? `INSERT INTO ${name} SELECT id, ${calls.map((call) => call.name).join(", ")}, t FROM (${select}) WHERE id % 3 <> 1;`
    : `INSERT INTO ${name} ${select};`;
  const keyOf = (row: Item, by: readonly ("k" | "g")[]): string => JSON.stringify(by.map((part) => row[part]));
  const work = (items: readonly Item[]): { rows: string[]; late: number } => {
    const rows: string[] = [];
    let late = 0;
    const taken: Item[] = [];
    for (const row of items.filter(({ id }) => !filters || id % 5 !== 0)) {
      const before = (by: readonly ("k" | "g")[]): readonly Item[] => taken.filter((other) => keyOf(other, by) === keyOf(row, by));
      if (calls.some(({ frame, by }) => frame?.isTimed === true && before(by).some(({ timeMs }) => timeMs > row.timeMs))) {
        late++;
        continue;
      }
      const results = calls.map(({ name: column, of, frame, by }) => [column, of(frame?.of(before(by), row) ?? [], before(by), row)]);
      taken.push(row);
      if (isNested && row.id % 3 === 1) continue;
      rows.push(JSON.stringify({ id: row.id, ...Object.fromEntries(results), t: row.s === null ? null : `${row.s}!` }));
    }
    return { rows, late };
  };
  return { sql, rows: (items) => work(items).rows, late: (items) => work(items).late };
}

function randomItems(random: SeededRandom, partitions: number): readonly Item[] {
  const keys = ["a", "b", 'd"e', "é", null];
  return Array.from({ length: 30 + random.below(200) }, (_, id) => {
    const k = random.pick(keys);
    return {
      id,
      k,
      g: random.pick(["1", "2"]),
      v: random.chance(0.25) ? null : random.below(40) / 4 - 3,
      s: random.chance(0.3) ? null : random.pick(["x", "y", "zz", "", 'q"\\u00e9', "\u{1f600}"]),
      timeMs: T + Math.floor(id / 2) * 100 - (random.chance(0.1) ? random.below(900) : 0),
      partition: keys.indexOf(k) % partitions,
    };
  });
}

const recordOf = ({ id, k, g, v, s, timeMs, partition }: Item) =>
  record({ id, k, g, v, s, at: timeMs }, { ...(k === null ? {} : { key: k }), timestampMs: timeMs, partition });

const DECLARE =
  "CREATE STREAM t (id INT, k STRING, g STRING, v DOUBLE, s STRING, at TIMESTAMP) WITH (topic = 't', key = 'k', timestamp = 'at');";

describe("OVER of random rows", () => {
  it.each(seeds([], 5))("is what looking back on all rows gives, across restarts: seed %i", { timeout: 60_000 }, async (seed) => {
    const random = new SeededRandom(seed);
    const partitions = 1 + random.below(3);
    const items = randomItems(random, partitions);
    const all = Array.from({ length: 6 }, (_, index) => randomStatement(`t${index}`, random));
    const sql = `${DECLARE}\n${all.map((statement) => statement.sql).join("\n")}`;
    const harness = newHarness();
    const cuts = Array.from({ length: random.below(4) }, () => random.below(items.length)).toSorted((a, b) => a - b);
    let from = 0;
    for (const to of [...cuts, items.length]) {
      await harness.append("t", items.slice(from, to).map(recordOf), partitions);
      const { last, statements } = await harness.run("p", sql);
      expect(last.kind).toBe("done");
      expect(statements.map(({ name, state }) => [name, state])).toEqual(statements.map(({ name }) => [name, "finished"]));
      for (const [index, { counters }] of statements.entries()) {
        expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
        expect(counters.late, must(all[index]).sql).toBe(must(all[index]).late(items.slice(0, to)));
      }
      from = to;
    }
    for (const [index, statement] of all.entries()) {
      const rows = (await harness.tableTexts(`t${index}`)).sort();
      expect(
        rows.map((row) => JSON.parse(row)),
        statement.sql,
      ).toEqual([...statement.rows(items)].sort().map((row) => JSON.parse(row)));
    }
  });
});
