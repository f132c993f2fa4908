import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinctly } from "../../src/functions/aggregate/collect.ts";
import { exactForms } from "../../src/functions/aggregate/exact.ts";
import type { Collector, ObjectAggregate } from "../../src/functions/collector.ts";
import { OBJECT_AGGREGATES } from "../../src/functions/registry.ts";
import type { Value } from "../../src/functions/spec.ts";
import { valueBytes, valueOfBytes } from "../../src/functions/value-bytes.ts";
import { ANY, BIGINT, BOOLEAN, type DataType, DOUBLE, INT, STRING } from "../../src/model/type.ts";
import { GroupObjects } from "../../src/state/group-objects.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const number = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }));

/** Types and values that fit a parameter, of `T` numbers. */
function given({ type, literal, name }: ObjectAggregate["parameters"][number]): { type: DataType; values: fc.Arbitrary<Value> } {
  if (literal === true) return name === "share" ? { type: DOUBLE, values: fc.constant(0.3) } : { type: INT, values: fc.constant(3) };
  if (type === "boolean") return { type: BOOLEAN, values: fc.boolean() };
  if (type === "string" || type === "text") return { type: STRING, values: fc.string({ maxLength: 3 }) };
  if (type === "numeric" || type === "number") return { type: DOUBLE, values: number };
  if (type === "any")
    return { type: ANY, values: fc.oneof(number, fc.string({ maxLength: 2 }), fc.boolean(), fc.array(number, { maxLength: 2 })) };
  if (typeof type === "object" && type.kind === "bigint")
    return { type: BIGINT, values: fc.oneof(fc.integer(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)) };
  return { type: DOUBLE, values: number };
}

function made(spec: ObjectAggregate): { collector: Collector; rows: fc.Arbitrary<readonly (readonly Value[])[]>; arity: number } {
  const args = spec.parameters
    .filter(({ optional }) => optional !== true || spec.name.endsWith("offset"))
    .slice(0, 2)
    .map(given);
  const times = spec.timed === true ? [fc.nat(50), fc.nat()] : [];
  const collector = spec.collector(
    args.map(({ type }) => type),
    spec.parameters.map(({ name }) => (name === "share" ? 0.3 : 3)),
    DOUBLE,
  );
  return {
    collector,
    rows: fc.array(fc.tuple(...args.map(({ values }) => values), ...times), { maxLength: 60 }),
    arity: args.length + times.length,
  };
}

describe("collectors", () => {
  it.each([...OBJECT_AGGREGATES, ...exactForms])("$name goes on from what was kept as if nothing had been", (spec) => {
    const { collector, rows, arity } = made(spec);
    for (const tried of [collector, distinctly(collector, arity) as Collector]) {
      fc.assert(
        fc.property(rows, fc.nat(60), (all, cut) => {
          const whole = new GroupObjects([tried]);
          let kept = new GroupObjects([tried]);
          for (const [index, row] of all.entries()) {
            whole.add(0, 0, ...row);
            kept.add(0, 0, ...row);
            if (index % 7 !== cut % 7) continue;
            const next = new GroupObjects([tried]);
            next.load(0, kept.save(0));
            kept = next;
          }
          expect(kept.result(0, 0)).toEqual(whole.result(0, 0));
          expect(kept.save(0)).toEqual(whole.save(0));
        }),
        { seed, numRuns: 60 },
      );
    }
  });

  it("say why a result is refused, also after a restart", () => {
    const failing: Collector<object> = {
      create: () => ({}),
      add: () => {
        throw new RangeError("enough");
      },
      result: () => null,
      save: () => null,
      load: () => ({}),
    };
    const objects = new GroupObjects([failing]);
    expect(objects.result(0, 3)).toBeNull();
    objects.add(0, 3, 1);
    objects.add(0, 3, 2);
    const next = new GroupObjects([failing]);
    next.load(3, objects.save(3));
    expect(() => next.result(0, 3)).toThrow("enough");
    expect(next.result(0, 2)).toBeNull();
  });
});

describe("values as bytes", () => {
  const value: fc.Memo<Value> = fc.memo((depth) => {
    const leaf = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.double(),
      fc.bigInt(),
      fc.string({ unit: "grapheme" }),
      fc.uint8Array({ maxLength: 5 }),
    );
    if (depth <= 1) return leaf;
    const name = fc.oneof(fc.string({ maxLength: 3 }), fc.constant("$"), fc.constant("__proto__"));
    return fc.oneof(leaf, fc.array(value(), { maxLength: 3 }), fc.dictionary(name, value(), { maxKeys: 3, noNullPrototype: false }));
  });

  it("are read as they were written", () => {
    fc.assert(
      fc.property(value(4), (given) => {
        const plain = (one: Value): unknown => {
          if (one instanceof Uint8Array) return ["bytes", ...one];
          if (Array.isArray(one)) return one.map(plain);
          return one !== null && typeof one === "object" ? new Map(Object.entries(one).map(([name, of]) => [name, plain(of)])) : one;
        };
        expect(plain(valueOfBytes(valueBytes(given)))).toEqual(plain(given));
      }),
      { seed, numRuns: 500 },
    );
  });
});
