import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { type Harness, record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";

lowerLimits({ barrierChangesMax: 60, fetchBytesMax: 4096, fetchWaitMs: 30, batchRowsMax: 50, joinRowsMax: 40 });

const T = 1_700_000_100_000;
const WINDOW_MS = 10_000;

interface Item {
  readonly id: number;
  readonly k: string | null;
  readonly v: number | null;
  readonly s: string;
  readonly timeMs: number;
  readonly partition: number;
}

interface Placed extends Item {
  readonly n: number;
  readonly r: number;
  readonly d: number;
}

type Order = (a: Item, b: Item) => number;

/** NULL is last either way. */
const byValue =
  (sign: 1 | -1): Order =>
  (a, b) => {
    if (a.v === b.v) return 0;
    if (a.v === null) return 1;
    return b.v === null ? -1 : sign * (a.v - b.v);
  };
const byText: Order = (a, b) => (a.s < b.s ? -1 : a.s > b.s ? 1 : 0);

/** All rows of each key in order, with all their places; rows that are equal stay in the order of the log. */
function ranked(items: readonly Item[], order: Order): readonly Placed[] {
  const keys = new Set(items.map(({ k }) => k));
  return [...keys].flatMap((key) => {
    const rows = items.filter(({ k }) => k === key).sort((a, b) => order(a, b) || a.id - b.id);
    const before = (row: Item): readonly Item[] => rows.filter((other) => order(other, row) < 0);
    return rows.map((row, index) => {
      const first = before(row);
      return {
        ...row,
        n: index + 1,
        r: first.length + 1,
        d: first.filter((one, at) => first.findIndex((o) => order(o, one) === 0) === at).length + 1,
      };
    });
  });
}

const DECLARE = "CREATE STREAM t (id INT, k STRING, v DOUBLE, s STRING) WITH (topic = 't', key = 'k');";

interface Ranking {
  readonly name: string;
  readonly sql: string;
  readonly rows: (items: readonly Item[]) => readonly unknown[];
}

function rankings(random: SeededRandom): readonly Ranking[] {
  const most = 1 + random.below(4);
  const order = random.pick([
    { sql: "v DESC", by: byValue(-1) },
    { sql: "v", by: byValue(1) },
    { sql: "v DESC, s", by: ((a, b) => byValue(-1)(a, b) || byText(a, b)) satisfies Order },
    { sql: "s DESC, v", by: ((a, b) => -byText(a, b) || byValue(1)(a, b)) satisfies Order },
  ]);
  // Where the key is part of an id it cannot be NULL.
  const inner = (call: string, also = ""): string =>
    `(SELECT id, k, v, s, ${call}() OVER (PARTITION BY k ORDER BY ${order.sql}) AS n FROM t WHERE id % 7 <> 0${also})`;
  const known = " AND k IS NOT NULL";
  const all = (items: readonly Item[]): readonly Placed[] =>
    ranked(
      items.filter(({ id }) => id % 7 !== 0),
      order.by,
    );
  const of = (items: readonly Item[]): readonly Placed[] => all(items).filter(({ k }) => k !== null);
  return [
    {
      name: "places",
      sql: `INSERT INTO places SELECT k, n, id FROM ${inner("ROW_NUMBER", known)} WHERE n <= ${most};`,
      rows: (items) =>
        of(items)
          .filter(({ n }) => n <= most)
          .map(({ k, n, id }) => ({ k, n, id })),
    },
    {
      name: "kept",
      sql: `INSERT INTO kept SELECT id, k, n, v FROM ${inner("ROW_NUMBER")} WHERE n < ${most + 1} PK id;`,
      rows: (items) =>
        all(items)
          .filter(({ n }) => n <= most)
          .map(({ id, k, n, v }) => ({ id, k, n, v })),
    },
    {
      name: "one",
      sql: `INSERT INTO one SELECT id, k FROM ${inner("ROW_NUMBER", known)} WHERE ${most} = n PK k;`,
      rows: (items) =>
        of(items)
          .filter(({ n }) => n === most)
          .map(({ id, k }) => ({ id, k })),
    },
    {
      name: "ranks",
      sql: `INSERT INTO ranks SELECT id, n FROM ${inner("RANK")} WHERE n <= ${most} PK id, n;`,
      rows: (items) =>
        all(items)
          .filter(({ r }) => r <= most)
          .map(({ id, r }) => ({ id, n: r })),
    },
    {
      name: "dense",
      sql: `INSERT INTO dense SELECT id, n FROM ${inner("DENSE_RANK")} WHERE n <= ${most} PK id;`,
      rows: (items) =>
        all(items)
          .filter(({ d }) => d <= most)
          .map(({ id, d }) => ({ id, n: d })),
    },
    {
      name: "sums",
      sql: `INSERT INTO sums SELECT k, COUNT(*) AS c, SUM(id) AS total FROM ${inner("ROW_NUMBER", known)} WHERE n <= ${most} GROUP BY k;`,
      rows: (items) => {
        const first = of(items).filter(({ n }) => n <= most);
        const keys = [...new Set(first.map(({ k }) => k))];
        return keys.map((k) => {
          const own = first.filter((row) => row.k === k);
          return { k, c: own.length, total: own.reduce((sum, { id }) => sum + id, 0) };
        });
      },
    },
    {
      name: "latest",
      sql: "INSERT INTO latest SELECT k, id FROM (SELECT k, id, ROW_NUMBER() OVER (PARTITION BY k ORDER BY _timestamp DESC) AS n FROM t WHERE k IS NOT NULL) WHERE n = 1 PK k;",
      rows: (items) =>
        ranked(
          items.filter(({ k }) => k !== null),
          (a, b) => b.timeMs - a.timeMs,
        )
          .filter(({ n }) => n === 1)
          .map(({ k, id }) => ({ k, id })),
    },
  ];
}

function randomItems(random: SeededRandom, partitions: number): readonly Item[] {
  const keys = ["a", "b", "c", 'd"e', "é", null];
  return Array.from({ length: 40 + random.below(260) }, (_, id) => {
    const k = random.pick(keys);
    return {
      id,
      k,
      v: random.chance(0.1) ? null : random.below(12) - 4,
      s: random.pick(["x", "y", "zz", ""]),
      timeMs: T + id * 50 - random.below(400),
      partition: keys.indexOf(k) % partitions,
    };
  });
}

const recordOf = ({ id, k, v, s, timeMs, partition }: Item) =>
  record({ id, k, v, s }, { ...(k === null ? {} : { key: k }), timestampMs: timeMs, partition });
const sorted = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();

describe("rankings of random rows", () => {
  async function runInParts(items: readonly Item[], sql: string, random: SeededRandom, partitions: number): Promise<Harness> {
    const harness = newHarness();
    const cuts = Array.from({ length: random.below(4) }, () => random.below(items.length)).toSorted((a, b) => a - b);
    let from = 0;
    for (const to of [...cuts, items.length]) {
      await harness.append("t", items.slice(from, to).map(recordOf), partitions);
      const { last, statements } = await harness.run("p", sql, { close: to === items.length });
      expect(last.kind).toBe("done");
      expect(statements.map(({ name, state }) => [name, state])).toEqual(statements.map(({ name }) => [name, "finished"]));
      for (const { counters } of statements) {
        expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
      }
      from = to;
    }
    return harness;
  }

  it.each(seeds([], 3))("are what sorting all rows gives, across restarts: seed %i", { timeout: 60_000 }, async (seed) => {
    const random = new SeededRandom(seed);
    const partitions = 1 + random.below(3);
    const items = randomItems(random, partitions);
    const all = rankings(random);
    const harness = await runInParts(items, `${DECLARE}\n${all.map(({ sql }) => sql).join("\n")}`, random, partitions);
    // Rows of one partition are in the order of its log.
    for (const { name, sql, rows } of all) expect(sorted(await harness.table(name)), sql).toEqual(sorted(rows(items)));
  });

  it.each(seeds([], 2))("of windows forget those that are over: seed %i", { timeout: 60_000 }, async (seed) => {
    const random = new SeededRandom(seed);
    const items = randomItems(random, 1).map((item) => ({ ...item, timeMs: T + item.id * 300 }));
    const sql = `${DECLARE}
      WITH counts AS (SELECT s, window_end AS until, COUNT(*) AS n FROM t WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY s)
      INSERT INTO top SELECT until, s, n, place FROM (
        SELECT until, s, n, RANK() OVER (PARTITION BY until ORDER BY n DESC) AS place FROM counts
      ) WHERE place <= 2 PK until, s;`;
    const harness = await runInParts(items, sql, random, 1);
    const counts = new Map<string, { until: number; s: string; n: number }>();
    for (const { s, timeMs } of items) {
      const until = (Math.floor(timeMs / WINDOW_MS) + 1) * WINDOW_MS;
      const count = counts.get(`${until} ${s}`) ?? { until, s, n: 0 };
      counts.set(`${until} ${s}`, { ...count, n: count.n + 1 });
    }
    const all = [...counts.values()];
    const expected = all.flatMap(({ until, s, n }) => {
      const place = all.filter((other) => other.until === until && other.n > n).length + 1;
      return place <= 2 ? [{ until: new Date(until).toISOString(), s, n, place }] : [];
    });
    expect(sorted(await harness.table("top"))).toEqual(sorted(expected));
    expect(must(items.at(-1)).timeMs).toBeGreaterThan(T);
  });
});
