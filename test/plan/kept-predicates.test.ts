import { describe, expect, it } from "vitest";
import { type ColumnBatch, type ColumnDictionary, Tag } from "../../src/model/column-batch.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { planOf, runStatement, type StatementRun } from "./run-statement.ts";

const STRINGS = ["dev-1", "dev-2", "dev-10", "dev", "", "a", "Z", "café", "日本", "🙂", "\uffff", 'quo"te', "back\\slash", "x".repeat(40)];

const PREDICATES = [
  "d BETWEEN 'dev-1' AND 'dev-2'",
  "d = 'café'",
  "d <> 'dev-1'",
  "d < '🙂'",
  "d >= '日本'",
  "d IN ('a', 'dev', '🙂')",
  "d NOT IN ('a', 'Z')",
  "d LIKE 'dev-%'",
  "d LIKE '%e%'",
  "d LIKE 'd_v%'",
  "NOT (d LIKE 'dev%' OR d = '')",
  "upper(d) = 'DEV-1'",
  "length(d) > 4 AND d <> 'x'",
  "d = 'a' AND n > 3",
  "n > 3 AND d LIKE 'dev%'",
  "d IS NULL OR d > 'b'",
  "d = NULL",
  "CAST(d AS INT) > 3",
  "substring(d, 1, 2) = 'de' AND n < 8",
  "CASE WHEN d = 'a' THEN n > 2 ELSE d LIKE 'd%' END",
] as const;

/** Documents with strings as they are and escaped, and with what is no string. */
function documents(random: SeededRandom, count: number): string[] {
  return Array.from({ length: count }, () => {
    const text = JSON.stringify(random.pick(STRINGS));
    const escaped = text.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
    const d = random.chance(0.8) ? text : random.pick([escaped, "null", "5", "true", '"\\ud800"', '{"x":1}', "absent"]);
    const n = random.chance(0.9) ? String(random.below(10)) : random.pick(["null", '"three"']);
    return d === "absent" ? `{"n":${n}}` : `{"d":${d},"n":${n}}`;
  });
}

/** Ids for the plain strings of every column, some of them left out; anew from time to time, with other ids. */
function withIds(random: SeededRandom): (batch: ColumnBatch) => ColumnBatch {
  const ids = new Map<string, number>();
  const dictionary = { epoch: 1, size: 0 } satisfies ColumnDictionary;
  return (batch) => {
    if (random.chance(0.3)) {
      ids.clear();
      dictionary.epoch++;
      dictionary.size = 0;
    }
    const columns = batch.columns.map((column) => {
      const given = Int32Array.from({ length: batch.count }, (_, row) => {
        if (column.tags[row] !== Tag.string || random.chance(0.2)) return -1;
        const text = column.bytes.toString("utf8", column.starts[row], column.ends[row]);
        const id = ids.get(text) ?? dictionary.size++;
        ids.set(text, id);
        return id;
      });
      return { ...column, ids: random.chance(0.1) ? null : given, dictionary };
    });
    return { ...batch, columns };
  };
}

const seen = ({ texts, errors, applied, filtered, batch }: StatementRun): unknown => ({
  texts,
  errors: [...errors],
  applied,
  filtered,
  versions: [...batch.versions],
});

describe("what is known by dictionary id", () => {
  it.each(seeds([], 3))("gives what computing gives, for predicates: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const values = documents(random, 600);
    for (const predicate of PREDICATES) {
      for (const items of ["n, d", "d"]) {
        const sql = `INSERT INTO out SELECT ${items} FROM t WHERE ${predicate}`;
        const computed = seen(runStatement(sql, values));
        expect(seen(runStatement(sql, values, { interned: true, batchRows: 70 })), predicate).toEqual(computed);
        expect(seen(runStatement(sql, values, { dress: withIds(random), batchRows: 50 })), predicate).toEqual(computed);
      }
    }
  });

  it.each(seeds([], 3))("gives what computing gives, for groups: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const values = documents(random, 900);
    for (const where of ["", "WHERE d LIKE 'dev%'", "WHERE n > 2 AND d <> 'a'"]) {
      const sql = `INSERT INTO out SELECT d, COUNT(*) AS c, SUM(n) AS s, MAX(n) AS m FROM t ${where} GROUP BY d`;
      const computed = seen(runStatement(sql, values));
      expect(seen(runStatement(sql, values, { interned: true, batchRows: 70 }))).toEqual(computed);
      expect(seen(runStatement(sql, values, { dress: withIds(random), batchRows: 50 }))).toEqual(computed);
    }
  });

  it("is asked for where it pays: strings grouped by alone, and strings that WHERE asks about alone", () => {
    const interned = (sql: string): unknown =>
      planOf(sql).sources.map(({ fields, interned: indexes }) => indexes.map((index) => fields[index]?.path.join(".")));
    expect(interned("INSERT INTO out SELECT a FROM t WHERE b = 'x' AND c > 1 AND d.e LIKE 'y%'")).toEqual([["b", "d.e"]]);
    expect(interned("INSERT INTO out SELECT a, COUNT(*) AS n FROM t GROUP BY a")).toEqual([["a"]]);
    expect(interned("INSERT INTO out SELECT a, b, COUNT(*) AS n FROM t WHERE a = b GROUP BY a, b")).toEqual([[]]);
    const typed = "CREATE STREAM s (a STRING, c DOUBLE) WITH (topic = 't');";
    expect(interned(`${typed} INSERT INTO out SELECT a FROM s WHERE c > 1 AND a = 'x'`)).toEqual([["a"]]);
  });

  it("answers each string once an epoch", () => {
    const values = Array.from({ length: 1000 }, (_, n) => `{"d":"dev-${n % 5}"}`);
    let asked = 0;
    const dress = (batch: ColumnBatch): ColumnBatch => {
      const columns = batch.columns.map((column) => {
        // A cell that is looked at gives its place.
        const starts = new Proxy(column.starts, {
          get: (target, key) => {
            if (typeof key === "string" && /^\d+$/.test(key)) asked++;
            return Reflect.get(target, key) as unknown;
          },
        });
        return { ...column, starts };
      });
      return { ...batch, columns };
    };
    const { filtered } = runStatement("INSERT INTO out SELECT n FROM t WHERE d LIKE 'x%'", values, {
      interned: true,
      batchRows: 100,
      dress,
    });
    expect(filtered).toBe(1000);
    expect(asked).toBe(5);
  });
});
