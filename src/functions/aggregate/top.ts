import { LIMITS } from "../../limits.ts";
import type { DataType } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import { type ObjectAggregate, plain } from "../collector.ts";
import { comparatorOf } from "../comparator.ts";
import { column } from "../example-rows.ts";
import { integer } from "../parameters.ts";
import { arrayOf, T } from "../spec.ts";
import { valueSize } from "../value-size.ts";
import { refuseMore } from "./collect.ts";

const ROWS = column([3, 9, null, 7, 9]);

export const topFunctions: readonly ObjectAggregate[] = [
  top("topk", "The greatest values, so many of them, from the greatest on.", 1, false, [9, 9], "max(v, 2)"),
  top("topkdistinct", "The greatest distinct values, so many of them, from the greatest on.", 1, true, [9, 7], "max(DISTINCT v, 2)"),
  top("bottomk", "The least values, so many of them, from the least on.", -1, false, [3, 7], "min(v, 2)"),
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
    doc,
    examples: [{ sql: `${name}(v, 2)`, rows: ROWS, result, duckdb }],
    collector: ([type], [, count]) => {
      const most = Number(count);
      if (!(most >= 1)) throw new RangeError(`the count of ${name} is not positive`);
      refuseMore(most, LIMITS.collectedValuesMax, "collectedValuesMax");
      const compare = comparatorOf(type as DataType);
      return plain<Value[]>({
        create: () => [],
        add: (values, value = null) => {
          let at = values.length;
          while (at > 0 && compare(value, values[at - 1] as Value) * sign > 0) at--;
          if (at === most || (isDistinct && at > 0 && compare(value, values[at - 1] as Value) === 0)) return 0;
          values.splice(at, 0, value);
          if (values.length <= most) return 8 + valueSize(value);
          values.pop();
          return 0;
        },
        result: (values) => [...values],
      });
    },
  };
}
