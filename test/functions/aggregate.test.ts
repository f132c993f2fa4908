import { describe, expect, it } from "vitest";
import { AGGREGATE_FUNCTIONS } from "../../src/functions/registry.ts";
import type { AggregateFunction } from "../../src/functions/spec.ts";

/** Runs the text that a spec gives to the code generator, over the argument column of one group. */
function run(spec: AggregateFunction, values: readonly (number | null)[]): number | null {
  const cell = (index: number) => `cells[${index}]`;
  const { value, isNull } = spec.finish(cell);
  const body = `for (const value of values) { if (value !== null) { ${spec.step(cell, "value")} } } return (${isNull}) ? null : ${value};`;
  return new Function("cells", "values", body)(Float64Array.from(spec.initial), values) as number | null;
}

describe("aggregate functions", () => {
  const cases = AGGREGATE_FUNCTIONS.flatMap((spec) => spec.examples.map((example) => ({ spec, example })));

  it.each(cases)("$spec.name of $example.values is $example.result", ({ spec, example }) => {
    expect(run(spec, example.values)).toBe(example.result);
  });

  it("take negative numbers, zero and many values", () => {
    const values = Array.from({ length: 1000 }, (_, index) => 500 - index);
    const results = AGGREGATE_FUNCTIONS.map((spec) => [spec.name, run(spec, values)]);
    expect(Object.fromEntries(results)).toEqual({ count: 1000, sum: 500, avg: 0.5, min: -499, max: 500 });
  });
});
