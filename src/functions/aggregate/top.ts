import { LIMITS } from "../../limits.ts";
import type { DataType } from "../../model/type.ts";
import type { ObjectValue, Value } from "../../model/value.ts";
import { type Collector, type ObjectAggregate, plain } from "../collector.ts";
import { comparatorOf } from "../comparator.ts";
import { recomputed } from "../counted-values.ts";
import { column } from "../example-rows.ts";
import { any, integer } from "../parameters.ts";
import { arrayOf, T } from "../spec.ts";
import { valueSize } from "../value-size.ts";
import { refuseMore } from "./collect.ts";

const ROWS = column([3, 9, null, 7, 9]);

export const topFunctions: readonly ObjectAggregate[] = [
  withFurther(top("topk", "The greatest values, so many of them, from the greatest on", 1, false, [9, 9], "max(v, 2)")),
  top("topkdistinct", "The greatest distinct values, so many of them, from the greatest on", 1, true, [9, 7], "max(DISTINCT v, 2)"),
  withFurther(top("bottomk", "The least values, so many of them, from the least on", -1, false, [3, 7], "min(v, 2)")),
];

function top(name: string, doc: string, sign: 1 | -1, isDistinct: boolean, result: Value, duckdb: string): ObjectAggregate {
  return {
    name,
    synonyms: [],
    parameters: [
      { name: "value", type: T },
      { ...integer(), literal: true },
    ],
    result: arrayOf(T),
    doc: `${doc}.`,
    examples: [{ sql: `${name}(v, 2)`, rows: ROWS, result, duckdb }],
    nullable: true,
    collector: form,
    retracting: (types, literals) => recomputed(form(types, literals), types.length, Number(literals.at(-1))) as Collector,
  };

  function form(types: readonly DataType[], literals: readonly (Value | undefined)[]): Collector {
    const most = literals.at(-1);
    if (typeof most !== "number") throw new RangeError(`the last argument of ${name} says how many: a whole number that is written out`);
    if (!(most >= 1)) throw new RangeError(`the count of ${name} is not positive`);
    refuseMore(most, LIMITS.collectedValuesMax, "collectedValuesMax");
    const hasFurther = literals.length > 2;
    const order = comparatorOf(types[0] as DataType);
    const isBefore = (left: Value, right: Value): boolean => order(left, right) * sign > 0;
    return greatest(most, isDistinct, hasFurther, isBefore);
  }
}

/** The first of all entries in an order, sorted. Equal values stay in the order in which they came. */
function greatest(most: number, isDistinct: boolean, hasFurther: boolean, isBefore: (left: Value, right: Value) => boolean): Collector {
  const keyOf = (entry: Value): Value => (hasFurther ? ((entry as ObjectValue)[SORTED] as Value) : entry);
  const put = (entries: Value[], value: Value, entryOf: () => Value): number => {
    let at = entries.length;
    while (at > 0 && isBefore(value, keyOf(entries[at - 1] as Value))) at--;
    if (at === most || (isDistinct && at > 0 && !isBefore(keyOf(entries[at - 1] as Value), value))) return 0;
    const entry = entryOf();
    entries.splice(at, 0, entry);
    if (entries.length <= most) return 8 + valueSize(entry);
    entries.pop();
    return 0;
  };
  return plain<Value[]>({
    create: () => [],
    add: (entries, value = null, ...more) =>
      value === null ? 0 : put(entries, value, () => (hasFurther ? structOf(value, more.slice(0, -1)) : value)),
    merge: (entries, others) => others.reduce<number>((bytes, entry) => bytes + put(entries, keyOf(entry), () => entry), 0),
    result: (entries) => [...entries],
  }) as Collector;
}

/** As ksqlDB calls the fields. */
const SORTED = "sort_col";
const further = (index: number): string => `col${index}`;

function structOf(value: Value, more: readonly Value[]): ObjectValue {
  return Object.fromEntries([[SORTED, value], ...more.map((one, index) => [further(index), one ?? null] as const)]);
}

/** Also `topk(value, other, …, count)`. */
function withFurther(spec: ObjectAggregate): ObjectAggregate {
  const sql = `${spec.name}(temperature, room, 1)`;
  const rows = [
    { room: "attic", temperature: 19 },
    { room: null, temperature: null },
  ];
  return {
    ...spec,
    parameters: [
      { name: "value", type: T },
      { ...any("further_or_count"), repeated: true },
    ],
    result: (types) => ({ kind: "array", element: types.length === 2 ? (types[0] as DataType) : entryType(types.slice(0, -1)) }),
    doc:
      `${spec.doc.slice(0, -1)}; with further values before the count, which comes last, these too, ` +
      "as structs of `sort_col`, `col0`, `col1`, …",
    examples: [...spec.examples, { sql, rows, result: [{ sort_col: 19, col0: "attic" }], duckdb: null }],
  };
}

function entryType([sorted, ...more]: readonly DataType[]): DataType {
  const fields = more.map((type, index) => ({ name: further(index), type }));
  return { kind: "struct", fields: [{ name: SORTED, type: sorted as DataType }, ...fields] };
}
