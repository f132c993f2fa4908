import fc from "fast-check";
import { must } from "../../../src/assert.ts";
import { DAY_MS } from "../../../src/model/calendar.ts";
import { exactNumber } from "../../../src/model/exact-number.ts";
import type { Column, Format } from "../../../src/model/format.ts";
import { TIMESTAMP_MS_MAX } from "../../../src/model/timestamp-text.ts";
import type { DataType } from "../../../src/model/type.ts";
import type { Value } from "../../../src/model/value.ts";

/** Texts of any characters, and those that mean something in lines and in JSON. */
const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }).filter((value) => value.isWellFormed()),
  fc.string({ unit: fc.constantFrom(...'",;\t\\ \r\na0é€😀{[') }),
  fc.constantFrom("", "NULL", "null", '""', "1", " a "),
);

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.oneof(fc.constantFrom(min, max, 0), fc.integer({ min, max }));

/** Values of each kind of type that a column can have, extremes among them. */
const VALUES: Partial<Record<DataType["kind"], fc.Arbitrary<Value>>> = {
  boolean: fc.boolean(),
  int: whole(-(2 ** 31), 2 ** 31 - 1),
  bigint: fc
    .oneof(fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    .map(exactNumber),
  double: fc
    .oneof(fc.constantFrom(Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 0.1), fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map((value) => value + 0),
  string: text,
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  timestamp: whole(-TIMESTAMP_MS_MAX, TIMESTAMP_MS_MAX),
  date: whole(-Math.floor(TIMESTAMP_MS_MAX / DAY_MS), Math.floor(TIMESTAMP_MS_MAX / DAY_MS)),
  time: whole(0, DAY_MS - 1),
};

const SCALARS = Object.keys(VALUES) as DataType["kind"][];

export function anyValueOf(type: DataType): fc.Arbitrary<Value> {
  switch (type.kind) {
    case "decimal": {
      const bound = 10n ** BigInt(type.precision) - 1n;
      return fc.oneof(fc.constantFrom(bound, -bound, 0n), fc.bigInt({ min: -bound, max: bound }));
    }
    case "array":
      return fc.array(orNull(type.element), { maxLength: 4 });
    case "map":
      return fc.dictionary(text, orNull(type.value), { maxKeys: 4, noNullPrototype: false });
    case "struct":
      return fc
        .tuple(...type.fields.map((field) => orNull(field.type)))
        .map((values) => Object.fromEntries(type.fields.map(({ name }, index) => [name, values[index] ?? null])));
    default:
      return must(VALUES[type.kind], type.kind);
  }
}

const orNull = (type: DataType): fc.Arbitrary<Value> => fc.option(anyValueOf(type), { freq: 4 });

const decimalType: fc.Arbitrary<DataType> = fc
  .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
  .map(([precision, scale]) => ({ kind: "decimal", precision, scale: Math.min(scale, precision) }));

const scalarType: fc.Arbitrary<DataType> = fc.oneof(fc.constantFrom(...SCALARS.map((kind) => ({ kind }) as DataType)), decimalType);

const { type: anyType } = fc.letrec<{ type: DataType; nested: DataType }>((tie) => ({
  type: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalarType, tie("nested")),
  nested: fc.oneof(
    tie("type").map((element): DataType => ({ kind: "array", element })),
    tie("type").map((value): DataType => ({ kind: "map", value })),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c d", "é"), tie("type")), { selector: ([name]) => name, minLength: 1, maxLength: 3 })
      .map((fields): DataType => ({ kind: "struct", fields: fields.map(([name, type]) => ({ name, type })) })),
  ),
}));

const named = (types: fc.Arbitrary<DataType>, maxLength: number): fc.Arbitrary<readonly Column[]> =>
  fc
    .array(types, { minLength: 1, maxLength })
    .map((made) => made.map((type, index) => ({ name: index === 1 ? "größe" : `c${index}`, type })));

const one = (...kinds: ("int" | "bigint" | "double" | "string" | "bytes")[]): fc.Arbitrary<readonly Column[]> =>
  fc.constantFrom(...kinds).map((kind) => [{ name: "only", type: { kind } }]);

/** Columns that a format can hold. */
export const COLUMNS_OF: Readonly<Record<Format, fc.Arbitrary<readonly Column[]>>> = {
  json: named(anyType, 4),
  delimited: named(scalarType, 5),
  kafka: one("int", "bigint", "double", "string", "bytes"),
  string: one("string"),
  bytes: one("bytes"),
  none: fc.constant([]),
};

/** A row of values, or NULLs. */
export function rowOf(columns: readonly Column[]): fc.Arbitrary<readonly Value[]> {
  return columns.length === 0 ? fc.constant([]) : fc.tuple(...columns.map(({ type }) => orNull(type)));
}
