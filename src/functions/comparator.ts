import { compareIntervals } from "../model/interval.ts";
import type { DataType } from "../model/type.ts";
import type { Interval, ObjectValue, Value } from "../model/value.ts";
import { compareValues } from "./compare-values.ts";

/** Negative, zero or positive; neither value is null. Throws RangeError where values of unknown type cannot be compared. */
export type Comparator = (left: Value, right: Value) => number;

/** The order of the values of one type. NULL within arrays and structs comes last; maps are the same where their entries are. */
export function comparatorOf(type: DataType): Comparator {
  switch (type.kind) {
    case "interval":
      return (left, right) => compareIntervals(left as Interval, right as Interval);
    case "array": {
      const compare = nullsLast(comparatorOf(type.element));
      return (left, right) => compareArrays(left as readonly Value[], right as readonly Value[], compare);
    }
    case "struct": {
      const fields = type.fields.map(({ name, type: of }) => ({ name, compare: nullsLast(comparatorOf(of)) }));
      return (left, right) => {
        for (const { name, compare } of fields) {
          const order = compare(memberOf(left as ObjectValue, name), memberOf(right as ObjectValue, name));
          if (order !== 0) return order;
        }
        return 0;
      };
    }
    case "map":
      return mapComparator(type.value);
    default:
      return compareValues;
  }
}

function nullsLast(compare: Comparator): Comparator {
  return (left, right) => {
    if (left !== null && right !== null) return compare(left, right);
    return left === right ? 0 : left === null ? 1 : -1;
  };
}

function compareArrays(left: readonly Value[], right: readonly Value[], compare: Comparator): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const order = compare(left[index] ?? null, right[index] ?? null);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** By key, then value, of the entries in the order of their keys. */
function mapComparator(value: DataType): Comparator {
  const compare = nullsLast(comparatorOf(value));
  return (left, right) => {
    const [a, b] = [sortedKeys(left as ObjectValue), sortedKeys(right as ObjectValue)];
    const byKeys = compareArrays(a, b, compareValues);
    if (byKeys !== 0) return byKeys;
    for (const key of a) {
      const order = compare(memberOf(left as ObjectValue, key), memberOf(right as ObjectValue, key));
      if (order !== 0) return order;
    }
    return 0;
  };
}

function sortedKeys(value: ObjectValue): string[] {
  return Object.keys(value).sort(compareValues);
}

/** An own member alone; null: there is none. */
export function memberOf(value: ObjectValue, name: string): Value {
  return Object.hasOwn(value, name) ? (value[name] ?? null) : null;
}
