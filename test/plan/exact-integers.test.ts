import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idOf } from "../../src/model/change.ts";
import { runStatement, type StatementRun } from "./run-statement.ts";

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const DECLARED = "CREATE STREAM s (a BIGINT, b BIGINT, o BIGINT) WITH (topic = 't'); INSERT INTO out SELECT";
const UNDECLARED = "INSERT INTO out SELECT";
const INT64_MAX = 2n ** 63n - 1n;

const idsOf = ({ batch }: StatementRun): string[] => Array.from({ length: batch.count }, (_, row) => idOf(batch, row));
const pairs = (values: readonly (readonly [string, string])[]): string[] => values.map(([a, b]) => `{"a":${a},"b":${b}}`);

/** Integers where it matters: around powers of two, and anywhere up to so many bits. */
function integers(bits: number): fc.Arbitrary<bigint> {
  const limit = 2n ** BigInt(bits) - 1n;
  const clamp = (value: bigint): bigint => (value > limit ? limit : value < -limit ? -limit : value);
  const near = fc.tuple(fc.integer({ min: 0, max: bits }), fc.bigInt({ min: -3n, max: 3n }), fc.boolean());
  return fc.oneof(
    fc.bigInt({ min: -limit, max: limit }),
    near.map(([power, off, negative]) => clamp((negative ? -1n : 1n) * (2n ** BigInt(power) + off))),
  );
}

/** Two integers that are often the same or neighbours. */
function neighbours(bits: number): fc.Arbitrary<readonly [bigint, bigint]> {
  const other = fc.oneof(fc.bigInt({ min: -1n, max: 1n }), fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }));
  const limit = 2n ** BigInt(bits) - 1n;
  return fc.tuple(integers(bits), other).map(([a, off]) => [a, a + off > limit || a + off < -limit ? a : a + off] as const);
}

describe(`integers beyond 2^53 (SEED=${seed})`, () => {
  const both = [
    ["undeclared", UNDECLARED, "t", 200],
    ["declared BIGINT", DECLARED, "s", 63],
  ] as const;

  it.each(both)("compare, pass through and become keys exactly: %s", (_name, insert, from, bits) => {
    const items =
      "a, a = b AS eq, a <> b AS ne, a < b AS lt, a >= b AS ge, a IN (1, b) AS among, a IS DISTINCT FROM b AS differs, " +
      "COALESCE(o, a) AS passed, CASE WHEN a > b THEN a ELSE b END AS larger, greatest(a, b) AS most, nullif(a, b) AS other, " +
      "CAST(a AS STRING) AS t, a || '' AS joined, a IS NULL AS missing, CAST(CAST(a AS STRING) AS STRING) AS again";
    const one = `${insert} ${items} FROM ${from} PK a`;
    const two = `${insert} a, b FROM ${from} PK a, b`;
    const check = (rows: readonly (readonly [bigint, bigint])[]): void => {
      const values = pairs(rows.map(([a, b]) => [String(a), String(b)] as const));
      const run = runStatement(one, values);
      expect([...run.errors]).toEqual([]);
      expect(idsOf(run)).toEqual(rows.map(([a]) => String(a)));
      expect(idsOf(runStatement(two, values))).toEqual(rows.map(([a, b]) => `[${a},${b}]`));
      const expected = rows.map(([a, b]) => {
        const [, larger] = a < b ? [a, b] : [b, a];
        return (
          `{"a":${a},"eq":${a === b},"ne":${a !== b},"lt":${a < b},"ge":${a >= b},"among":${a === 1n || a === b},"differs":${a !== b},` +
          `"passed":${a},"larger":${larger},"most":${larger},"other":${a === b ? null : a},"t":"${a}","joined":"${a}",` +
          `"missing":false,"again":"${a}"}`
        );
      });
      expect(run.texts).toEqual(expected);
    };
    fc.assert(fc.property(fc.array(neighbours(bits), { minLength: 1, maxLength: 50 }), check), { seed, numRuns: 60 });
  });

  it.each(both)("are groups of their own: %s", (_name, insert, from, bits) => {
    const check = (rows: readonly (readonly [bigint, bigint])[]): void => {
      const keys = rows.flat();
      const values = keys.map((a) => `{"a":${a}}`);
      const counts = new Map<string, number>();
      for (const key of keys) counts.set(String(key), (counts.get(String(key)) ?? 0) + 1);
      const run = runStatement(`${insert} a, COUNT(a) AS n, MAX(_offset) AS last, a > 5 AS big FROM ${from} GROUP BY a`, values);
      expect(idsOf(run)).toEqual([...counts.keys()]);
      const lastOf = (key: string): number => keys.map(String).lastIndexOf(key);
      expect(run.texts).toEqual([...counts].map(([a, n]) => `{"a":${a},"n":${n},"last":${lastOf(a)},"big":${BigInt(a) > 5n}}`));
    };
    fc.assert(fc.property(fc.array(neighbours(bits), { minLength: 1, maxLength: 40 }), check), { seed, numRuns: 60 });
  });

  it("are computed with exactly where they are declared, within 64 bits", () => {
    const operators = ["+", "-", "*", "%"] as const;
    const compute = (op: (typeof operators)[number], a: bigint, b: bigint): bigint | null => {
      if (op === "%") return b === 0n ? null : a % b;
      return op === "+" ? a + b : op === "-" ? a - b : a * b;
    };
    const check = (a: bigint, b: bigint, op: (typeof operators)[number]): void => {
      const run = runStatement(`${DECLARED} a ${op} b AS r, -(-a) AS same FROM s`, pairs([[String(a), String(b)]]));
      const result = compute(op, a, b);
      const fits = result === null || BigInt.asIntN(64, result) === result;
      expect(run.texts).toEqual(fits ? [`{"r":${result},"same":${a}}`] : []);
      if (!fits) expect(run.errors.get(0)).toBe(`${op}: the result is no integer of 64 bits`);
    };
    fc.assert(fc.property(integers(63), integers(63), fc.constantFrom(...operators), check), { seed, numRuns: 300 });
  });

  it("are refused where only a double could be computed with, naming field and value", () => {
    const refused = (sql: string, value: string): string | undefined => runStatement(sql, [`{"a":${value}}`]).errors.get(0);
    const uses = ["a + 1 AS x", "a / 2 AS x", "abs(a) AS x", "-a AS x", "round(a) AS x", "SUM(a) AS x", "AVG(a) AS x", "MAX(a) AS x"];
    for (const use of uses) {
      for (const value of ["9007199254740993", "-9007199254740993", "9007199254740992", "1".repeat(30)]) {
        const why = `a: ${value} is beyond 2^53, where integers are not computed with (CAST(… AS DOUBLE) takes the nearest double)`;
        expect(refused(`${UNDECLARED} ${use} FROM t`, value)).toBe(why);
      }
      expect(refused(`${UNDECLARED} ${use} FROM t`, "9007199254740991")).toBe(undefined);
      expect(refused(`${UNDECLARED} ${use} FROM t`, "1e300")).toBe(undefined);
    }
    expect(refused(`${UNDECLARED} greatest(o, a) + 1 AS x FROM t`, "9007199254740993")).toMatch(/^value: 9007199254740993 is beyond 2\^53/);
    expect(refused(`${DECLARED} a / 2 AS x FROM s`, "9007199254740993")).toMatch(/^a: 9007199254740993 is beyond 2\^53/);
    expect(refused(`${UNDECLARED} a + 2 AS x FROM t`, "9007199254740991")).toMatch(/^\+: the result is beyond 2\^53 and no double/);
    expect(runStatement(`${UNDECLARED} a + 1 AS x FROM t`, ['{"a":9007199254740991}']).texts).toEqual(['{"x":9007199254740992}']);
  });

  it("are rounded exactly where they are declared, and refused by functions of doubles", () => {
    const of = (sql: string, a: bigint): string | undefined => {
      const run = runStatement(`${DECLARED} ${sql} AS x FROM s`, [`{"a":${a}}`]);
      return run.texts[0] ?? run.errors.get(0);
    };
    expect(of("abs(a)", -INT64_MAX)).toBe(`{"x":${INT64_MAX}}`);
    expect(of("abs(a)", -INT64_MAX - 1n)).toBe("abs: the result is no integer of 64 bits");
    expect(of("round(a, -3)", -(2n ** 60n))).toBe('{"x":-1152921504606847000}');
    expect(of("floor(a)", INT64_MAX)).toBe(`{"x":${INT64_MAX}}`);
    for (const sql of ["sqrt(a)", "gcd(a, 7)", "lcm(a, 7)", "left('abc', a)", "make_date(a, 1, 1)"])
      expect(of(sql, INT64_MAX), sql).toBe(
        `a: ${INT64_MAX} is beyond 2^53, where integers are not computed with (CAST(… AS DOUBLE) takes the nearest double)`,
      );
  });

  it("become doubles where a cast says so", () => {
    const sql = "CAST(a AS DOUBLE) + 1 AS x, CAST(a AS BOOLEAN) AS f, TRY_CAST(a AS INT) AS i, TRY_CAST(a AS BIGINT) AS l";
    const run = runStatement(`${UNDECLARED} ${sql} FROM t`, ['{"a":9007199254740993}', `{"a":${INT64_MAX + 1n}}`, '{"a":1e17}']);
    expect([...run.errors]).toEqual([]);
    expect(run.texts).toEqual([
      '{"x":9007199254740992,"f":true,"i":null,"l":9007199254740993}',
      '{"x":9223372036854776000,"f":true,"i":null,"l":null}',
      '{"x":100000000000000000,"f":true,"i":null,"l":100000000000000000}',
    ]);
    const texts = runStatement(`${UNDECLARED} CAST(a AS BIGINT) AS l FROM t`, [`{"a":" ${INT64_MAX} "}`, '{"a":"9223372036854775808"}']);
    expect(texts.texts).toEqual([`{"l":${INT64_MAX}}`]);
    expect(texts.errors.get(1)).toBe('CAST: expected an integer of 64 bits, found "9223372036854775808"');
  });

  it("are of 64 bits where BIGINT is declared, and anything else is refused", () => {
    const values = [String(INT64_MAX), String(INT64_MAX + 1n), String(-INT64_MAX - 1n), "1e17", "1.5", '"5"', "-0", "5.0"];
    const run = runStatement(`${DECLARED} a FROM s PK a`, pairs(values.map((value) => [value, "0"] as const)));
    expect(run.texts).toEqual([`{"a":${INT64_MAX}}`, `{"a":${-INT64_MAX - 1n}}`, '{"a":-0}', '{"a":5.0}']);
    expect(idsOf(run)).toEqual([String(INT64_MAX), String(-INT64_MAX - 1n), "0", "5"]);
    expect([...run.errors].map(([row, why]) => `${row} ${why}`)).toEqual([
      "1 a: expected an integer of 64 bits, found 9223372036854775808",
      "3 a: expected an integer of 64 bits, found 1e17",
      "4 a: expected an integer of 64 bits, found 1.5",
      "5 a: expected an integer of 64 bits, found a string",
    ]);
  });

  it("are literals, too", () => {
    const values = ["9007199254740993", "9007199254740992", "123456789012345678901234567890", "-9223372036854775808"];
    for (const value of values) {
      const tests = `a = ${value} AS eq, a IN (${value}) AS among, a BETWEEN ${value} AND ${value} AS between`;
      const sql = `${UNDECLARED} ${tests}, ${value} AS it FROM t`;
      const run = runStatement(
        sql,
        ["9007199254740993", "9007199254740992", value, `${value}0`].map((a) => `{"a":${a}}`),
      );
      expect([...run.errors]).toEqual([]);
      const same = ["9007199254740993", "9007199254740992", value, `${value}0`].map((a) => a === value);
      expect(run.texts).toEqual(same.map((is) => `{"eq":${is},"among":${is},"between":${is},"it":${value}}`));
    }
    expect(runStatement(`${DECLARED} a + 9007199254740993 AS x FROM s`, ['{"a":9007199254740993}']).texts).toEqual([
      '{"x":18014398509481986}',
    ]);
  });

  it("equal doubles are the same number, in comparisons and in keys", () => {
    const values = ["1e17", "100000000000000000", "100000000000000000.0", "1", "1.0", "-0", "0", "1e300", "1E+300", "9007199254740992.0"];
    const run = runStatement(
      `${UNDECLARED} a, COUNT(*) AS n FROM t GROUP BY a`,
      values.map((a) => `{"a":${a}}`),
    );
    expect(run.texts).toEqual([
      '{"a":100000000000000000,"n":3}',
      '{"a":1,"n":2}',
      '{"a":0,"n":2}',
      '{"a":1e+300,"n":2}',
      '{"a":9007199254740992,"n":1}',
    ]);
    expect(idsOf(run)).toEqual(["100000000000000000", "1", "0", "1e+300", "9007199254740992"]);
    expect(runStatement(`${UNDECLARED} a = 100000000000000000 AS eq FROM t`, ['{"a":1e17}']).texts).toEqual(['{"eq":true}']);
  });

  it("pass through inside of objects and arrays", () => {
    const value = '{"id":9007199254740993,"list":[-9223372036854775809,1.5]}';
    const run = runStatement(`${UNDECLARED} COALESCE(o, a) AS passed, a = b AS eq, a = c AS other FROM t`, [
      `{"a":${value},"b":${value},"c":{"id":9007199254740992,"list":[-9223372036854775809,1.5]}}`,
    ]);
    expect(run.texts).toEqual([`{"passed":${value},"eq":true,"other":false}`]);
  });

  it("refuses numbers that are beyond all doubles, and integers of thousands of digits, where they are more than copied", () => {
    const long = "7".repeat(2000);
    expect(runStatement(`${UNDECLARED} a FROM t`, ['{"a":1e400}', `{"a":${long}}`]).texts).toEqual(['{"a":1e400}', `{"a":${long}}`]);
    const { errors } = runStatement(`${UNDECLARED} a FROM t PK a`, ['{"a":1e400}', `{"a":${long}}`]);
    expect(errors.get(0)).toBe("a: expected a number of DOUBLE's range, found 1e400");
    expect(errors.get(1)).toBe(`a: expected a number of DOUBLE's range, found ${"7".repeat(60)}…`);
  });

  it("add up and have extremes exactly where they are declared", () => {
    const check = (values: readonly bigint[]): void => {
      const total = values.reduce((sum, value) => sum + value, 0n);
      const sorted = [...values].sort((a, b) => Number(a > b) - Number(a < b));
      const [low, high] = [sorted[0] as bigint, sorted.at(-1) as bigint];
      const sql = "SUM(a) AS s, MIN(a) AS lo, MAX(a) AS hi, SUM(a) = 5 AS five, MAX(a) > MIN(a) AS more FROM s";
      const { texts } = runStatement(
        `${DECLARED} ${sql}`,
        values.map((a) => `{"a":${a}}`),
      );
      expect(texts).toEqual([`{"s":${total},"lo":${low},"hi":${high},"five":${total === 5n},"more":${high > low}}`]);
    };
    fc.assert(fc.property(fc.array(integers(63), { minLength: 1, maxLength: 100 }), check), { seed, numRuns: 100 });
  });

  it("add up exactly or not at all where they are not declared", () => {
    const check = (values: readonly bigint[]): void => {
      const { texts } = runStatement(
        `${UNDECLARED} SUM(a) AS s FROM t`,
        values.map((a) => `{"a":${a}}`),
      );
      if (texts.length > 0) expect(texts).toEqual([`{"s":${values.reduce((sum, value) => sum + value, 0n)}}`]);
    };
    fc.assert(fc.property(fc.array(integers(53), { minLength: 1, maxLength: 20 }), check), { seed, numRuns: 100 });
  });

  it("have no total beyond 2^53 where they are not declared, and to doubles where a cast says so", () => {
    const records = ["9007199254740991", "2", "1"].map((a) => `{"a":${a}}`);
    expect(runStatement(`${UNDECLARED} SUM(a) AS s FROM t`, records).texts).toEqual([]);
    expect(runStatement(`${UNDECLARED} SUM(CAST(a AS DOUBLE)) AS s FROM t`, records).texts).toEqual(['{"s":9007199254740992}']);
    expect(runStatement(`${UNDECLARED} SUM(a) AS s FROM t`, ['{"a":9007199254740990}', '{"a":1}']).texts).toEqual([
      '{"s":9007199254740991}',
    ]);
    expect(runStatement(`${UNDECLARED} SUM(a) AS s FROM t`, ['{"a":9007199254740991}', '{"a":1}']).texts).toEqual([]);
    expect(runStatement(`${UNDECLARED} SUM(a) AS s FROM t`, ['{"a":1e300}', '{"a":1}']).texts).toEqual(['{"s":1e+300}']);
    expect(runStatement(`${DECLARED} SUM(a) AS s FROM s`, records).texts).toEqual(['{"s":9007199254740994}']);
  });
});
