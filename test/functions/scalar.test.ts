import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareText } from "../../src/functions/compare-text.ts";
import { SCALAR_FUNCTIONS, scalarFunction } from "../../src/functions/registry.ts";
import type { Parameter, Value } from "../../src/functions/spec.ts";
import { openOracle } from "./duckdb.ts";

const oracle = await openOracle();
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

function call(name: string, args: readonly Value[]): Value {
  const implement = scalarFunction(name)?.implement as (...values: readonly Value[]) => Value;
  return implement(...args);
}

/** As DuckDB reads it: numbers as doubles, or integers where they are whole. */
function sqlOf(value: Value): string {
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  return typeof value === "number" && !Number.isInteger(value) ? `${value}::DOUBLE` : String(value);
}

const arbitraryOf: Readonly<Record<string, fc.Arbitrary<Value>>> = {
  string: fc.oneof(fc.stringMatching(/^[a-c ]{0,6}$/), fc.constantFrom("", "ß", "É", "İx", "a😀b", "ﬁn", "ΑΣ", "'", "$&")),
  number: fc.oneof(
    fc.integer({ min: -40, max: 40 }),
    fc.integer({ min: -400, max: 400 }).map((n) => n / 8),
  ),
  integer: fc.integer({ min: -7, max: 7 }),
  boolean: fc.boolean(),
};

function argumentsOf(parameters: readonly Parameter[]): fc.Arbitrary<readonly Value[]> {
  const needed = parameters.filter((parameter) => !parameter.optional).length;
  return fc.integer({ min: needed, max: parameters.length }).chain((count) => {
    const same = fc.constantFrom("string", "number");
    return same.chain((kind) =>
      fc.tuple(
        ...parameters.slice(0, count).flatMap(({ type, repeated }) => {
          const one = arbitraryOf[type === "same" ? kind : String(type)] as fc.Arbitrary<Value>;
          const each = type === "same" ? fc.option(one, { freq: 5 }) : one;
          return repeated ? [each, each, each] : [each];
        }),
      ),
    );
  });
}

describe("scalar functions", () => {
  const compared = SCALAR_FUNCTIONS.filter(
    ({ name, implement }) => implement !== null && !["date_trunc", "epoch_ms", "concat"].includes(name),
  );

  it.each(compared)("$name means what it means in DuckDB", async ({ name, parameters }) => {
    await fc.assert(
      fc.asyncProperty(argumentsOf(parameters), async (args) => {
        const sql = `${name}(${args.map(sqlOf).join(", ")})`;
        let expected: Value;
        try {
          expected = await oracle.evaluate(sql);
        } catch {
          expect(() => call(name, args), sql).toThrow(RangeError);
          return;
        }
        const actual = call(name, args);
        if (typeof expected !== "number" || !Number.isFinite(expected)) expect(actual, sql).toBe(expected);
        else expect(Math.abs((actual as number) - expected), sql).toBeLessThanOrEqual(Math.abs(expected) * 1e-12);
      }),
      { seed, numRuns: 150, verbose: 1 },
    );
  });

  it.each(SCALAR_FUNCTIONS.flatMap((spec) => spec.examples))("$sql is $result, in DuckDB too", async ({ sql, result }) => {
    // DuckDB reads `2.5` as a decimal.
    const expected = await oracle.evaluate(sql.replaceAll(/\b\d+\.\d+\b(?=[,)])/g, "$&::DOUBLE"));
    expect(expected).toBe(result);
  });

  it("truncates times as DuckDB does", async () => {
    const parts = ["millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"];
    const times = fc.integer({ min: Date.UTC(1890, 0), max: Date.UTC(2150, 0) });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), times, async (part, timestampMs) => {
        const expected = await oracle.evaluate(`epoch_ms(date_trunc('${part}', make_timestamp(${timestampMs}000)))`);
        expect(call("date_trunc", [part, timestampMs]), `${part} ${timestampMs}`).toBe(expected);
      }),
      { seed, numRuns: 200, verbose: 1 },
    );
  });

  it("joins texts without nulls", () => {
    expect(call("concat", ["a", null, "b"])).toBe("ab");
    expect(call("concat", [null])).toBe("");
  });

  it("refuses values outside of a function's domain", () => {
    expect(() => call("sqrt", [-1])).toThrow(RangeError);
    expect(() => call("date_trunc", ["fortnight", 0])).toThrow("'fortnight' is no calendar unit");
    expect(() => call("greatest", [1, "a"])).toThrow(RangeError);
  });

  it("is found by name and synonym in any case", () => {
    expect(scalarFunction("SubStr")?.name).toBe("substring");
    expect(scalarFunction("IFNULL")?.name).toBe("coalesce");
    expect(scalarFunction("nope")).toBeNull();
  });
});

describe("compareText", () => {
  it("orders by code point, as UTF-8 bytes are ordered", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (left, right) => {
        expect(Math.sign(compareText(left, right))).toBe(Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right))));
      }),
      { seed, verbose: 1 },
    );
    expect(compareText("\u{1F600}", "\uFFFD")).toBeGreaterThan(0);
  });
});
