import type { ExactNumber } from "../../model/exact-number.ts";
import { exactNumber } from "../../model/exact-number.ts";
import { BIGINT, BOOLEAN, type DataType } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import { type ObjectAggregate, plain } from "../collector.ts";
import { type CountedValue, countedValues } from "../counted-values.ts";
import { column } from "../example-rows.ts";
import type { Parameter } from "../spec.ts";

const CONDITION: Parameter = { name: "condition", type: "boolean" };
const INTEGER: Parameter = { name: "value", type: BIGINT };

/** Folding of values two by two. */
export const logicFunctions: readonly ObjectAggregate[] = [
  {
    name: "count_if",
    synonyms: ["countif"],
    parameters: [CONDITION],
    result: BIGINT,
    doc: "The number of rows in which the condition is true.",
    examples: [{ sql: "count_if(v > 21)", rows: column([21, 22, null, 23]), result: 2 }],
    collector: () =>
      plain<{ count: number }>({
        create: () => ({ count: 0 }),
        add: (state, value) => {
          if (value === true) state.count++;
          return 0;
        },
        merge: (state, { count }) => {
          state.count += count;
          return 0;
        },
        retract: (state, value) => {
          if (value === true) state.count--;
          return 0;
        },
        result: ({ count }) => count,
      }),
  },
  fold("bool_and", ["every", "logical_and"], "Whether the condition is true in all rows where it is not null.", CONDITION, BOOLEAN, {
    sql: "bool_and(v > 20)",
    rows: column([21, null, 22]),
    result: true,
    apply: (left, right) => left === true && right === true,
  }),
  fold("bool_or", ["some", "logical_or"], "Whether the condition is true in one row.", CONDITION, BOOLEAN, {
    sql: "bool_or(v > 22)",
    rows: column([21, null, 22]),
    result: false,
    apply: (left, right) => left === true || right === true,
  }),
  bits("bit_and", "The bits that all integers have.", 4, (left, right) => left & right),
  bits("bit_or", "The bits that one of the integers has.", 7, (left, right) => left | right),
  bits("bit_xor", "The bits that an odd number of the integers has.", 3, (left, right) => left ^ right),
];

interface Folding {
  readonly sql: string;
  readonly rows: ReturnType<typeof column>;
  readonly result: Value;
  readonly apply: (left: Value, right: Value) => Value;
}

function fold(
  name: string,
  synonyms: readonly string[],
  doc: string,
  parameter: Parameter,
  type: DataType,
  { sql, rows, result, apply }: Folding,
): ObjectAggregate {
  return {
    name,
    synonyms,
    parameters: [parameter],
    result: type,
    doc,
    examples: [{ sql, rows, result }],
    collector: () => {
      const add = (state: { value: Value }, value: Value = null): number => {
        if (value !== null) state.value = state.value === null ? value : apply(state.value, value);
        return 0;
      };
      return plain<{ value: Value }>({
        create: () => ({ value: null }),
        add,
        merge: (state, { value }) => add(state, value),
        result: ({ value }) => value,
      });
    },
    // Which values there are says it all.
    retracting: () => countedValues((values) => folded(values, apply)),
  };
}

/** Twice is as often as any even number, also for what takes itself back. */
function folded(values: readonly CountedValue[], apply: Folding["apply"]): Value {
  const [first, ...more] = values.map(({ value, count }) => (count % 2 === 0 ? apply(value, value) : value));
  return first === undefined ? null : more.reduce(apply, first);
}

function bits(name: string, doc: string, result: number, apply: (left: bigint, right: bigint) => bigint): ObjectAggregate {
  return fold(name, [], doc, INTEGER, BIGINT, {
    sql: `${name}(v)`,
    rows: column([5, null, 6]),
    result,
    apply: (left, right) => exactNumber(apply(BigInt(left as ExactNumber), BigInt(right as ExactNumber))),
  });
}
