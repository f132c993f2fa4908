import { LIMITS } from "../../limits.ts";
import { BIGINT, STRING } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import { type Collector, type ObjectAggregate, plain } from "../collector.ts";
import { type CountedValue, countedValues } from "../counted-values.ts";
import { column } from "../example-rows.ts";
import { mapFrom } from "../map-from.ts";
import { any, optional, repeated, text } from "../parameters.ts";
import { arrayOf, mapOf, T } from "../spec.ts";
import { ValueSet } from "../value-set.ts";
import { valueSize } from "../value-size.ts";

const VALUE = { name: "value", type: T } as const;

/** What keeps the values themselves: bounded, and over the bound the result is refused, never cut. */
export const collectFunctions: readonly ObjectAggregate[] = [
  {
    name: "collect_list",
    synonyms: ["array_agg", "list"],
    parameters: [VALUE],
    result: arrayOf(T),
    doc: "All values in the order of the log, nulls included; an empty array if there are none.",
    differs: "More than `collectedValuesMax` values are an error of the result: ksqlDB leaves out what comes later.",
    examples: [{ sql: "collect_list(v)", rows: column([21, 22, 21]), result: [21, 22, 21], duckdb: "list(v)" }],
    nullable: true,
    collector: () =>
      plain<Value[]>({
        create: () => [],
        add: (values, value = null) => keep(values, value),
        result: (values) => [...values],
      }),
  },
  {
    name: "collect_set",
    synonyms: [],
    parameters: [VALUE],
    result: arrayOf(T),
    doc: "Every value once, in the order of its first coming, nulls included.",
    differs: "More than `collectedValuesMax` values are an error of the result: ksqlDB leaves out what comes later.",
    examples: [{ sql: "collect_set(v)", rows: column([21, 22, 21]), result: [21, 22], duckdb: null }],
    nullable: true,
    collector: () => distinctValues(LIMITS.collectedValuesMax, "collectedValuesMax", (set) => set.values) as Collector,
    merging: () =>
      countedValues((values) => {
        refuseMore(values.length, LIMITS.collectedValuesMax, "collectedValuesMax");
        return values.map(({ value }) => value);
      }, true) as Collector,
  },
  {
    name: "count_distinct",
    synonyms: [],
    parameters: [repeated(any())],
    result: BIGINT,
    doc: "The number of distinct values, or combinations of values, that are not null; the same as `COUNT(DISTINCT …)`, and exact.",
    differs: "More than `distinctValuesMax` values are an error of the result; `approx_count_distinct` has no bound.",
    examples: [
      { sql: "count_distinct(v)", rows: column([21, 22, null, 21]), result: 2, duckdb: "count(DISTINCT v)" },
      { sql: "COUNT(DISTINCT v)", rows: column(["a", "b", "a"]), result: 2 },
    ],
    collector: () => {
      const collector = distinctValues(LIMITS.distinctValuesMax, "distinctValuesMax", (set) => set.size);
      const merge = (set: ValueSet, { values }: ValueSet): number =>
        values.reduce<number>((bytes, value) => bytes + collector.add(set, value), 0);
      return { ...collector, merge } as Collector;
    },
    retracting: () => countedValues((values) => values.length) as Collector,
  },
  {
    name: "string_agg",
    synonyms: ["listagg", "group_concat"],
    parameters: [{ name: "value", type: "text" }, optional(text("separator"))],
    result: STRING,
    doc: "All values as one text in the order of the log, with the separator, a comma if not given, between them.",
    examples: [{ sql: "string_agg(v, '/')", rows: column(["a", null, "b"]), result: "a/b" }],
    collector: () =>
      plain<{ text: string | null }>({
        create: () => ({ text: null }),
        add: (state, value, separator = ",") => {
          state.text = state.text === null ? String(value) : `${state.text}${separator}${value}`;
          if (state.text.length > LIMITS.textCharactersMax) {
            throw new RangeError(`the text would have more than ${LIMITS.textCharactersMax} characters (textCharactersMax)`);
          }
          return String(value).length * 2;
        },
        result: (state) => state.text,
      }),
  },
  {
    name: "histogram",
    synonyms: [],
    parameters: [{ name: "value", type: "text" }],
    result: { kind: "map", value: BIGINT },
    doc: "How often each value came, by its text.",
    differs: "More than `collectedValuesMax` values are an error of the result: ksqlDB leaves out those after 1,000.",
    examples: [{ sql: "histogram(v)", rows: column(["a", "b", "a"]), result: { a: 2, b: 1 } }],
    collector: () => {
      const collector = counted((counts) => mapFrom(counts as Map<string, number>));
      return { ...collector, merge: mergeFrequencies } as Collector;
    },
    retracting: () =>
      countedValues((values) => {
        refuseMore(values.length, LIMITS.collectedValuesMax, "collectedValuesMax");
        return mapFrom(new Map(values.map(({ value, count }) => [value as string, count] as const)));
      }) as Collector,
  },
  {
    name: "mode",
    synonyms: [],
    parameters: [VALUE],
    result: T,
    doc: "The value that came most often; of several the one that came first.",
    examples: [{ sql: "mode(v)", rows: column([3, 4, 4, null]), result: 4 }],
    collector: () => counted((counts) => mostFrequent([...counts].map(([value, count]) => ({ value, count })))) as Collector,
    merging: () => countedValues(mostFrequent, true) as Collector,
  },
  {
    name: "map_agg",
    synonyms: ["as_map_agg"],
    parameters: [text("key"), VALUE],
    result: mapOf(T),
    doc: "A map of keys and values; of a key that comes twice the last value counts.",
    examples: [
      {
        sql: "map_agg(k, v)",
        rows: [
          { k: "a", v: 1 },
          { k: "b", v: 2 },
        ],
        result: { a: 1, b: 2 },
        duckdb: null,
      },
    ],
    collector: (): Collector<Map<string, Value>> => ({
      create: () => new Map(),
      add: (map, key: Value = null, value: Value = null) => {
        map.set(String(key), value);
        refuseMore(map.size, LIMITS.collectedValuesMax, "collectedValuesMax");
        return valueSize(key) + valueSize(value);
      },
      result: mapFrom,
      save: (map) => [...map],
      load: (kept) => new Map(kept as unknown as [string, Value][]),
    }),
  },
];

export function refuseMore(count: number, most: number, limit: string): void {
  if (count > most) throw new RangeError(`there are more than ${most} values (${limit})`);
}

/** Adds a value to those of a group. */
export function keep(values: Value[], value: Value): number {
  values.push(value);
  refuseMore(values.length, LIMITS.collectedValuesMax, "collectedValuesMax");
  return 8 + valueSize(value);
}

/** Of several arguments their combination is the value. */
function distinctValues(most: number, limit: string, result: (set: ValueSet) => Value): Collector<ValueSet> {
  return {
    create: () => new ValueSet(),
    add: (set, ...values) => {
      const value = values.length === 1 ? (values[0] ?? null) : values;
      if (!set.add(value)) return 0;
      refuseMore(set.size, most, limit);
      return 48 + valueSize(value);
    },
    result,
    save: (set) => set.values,
    load: (kept) => new ValueSet(kept as readonly Value[]),
  };
}

/** Of several the first. */
function mostFrequent(values: readonly Pick<CountedValue, "value" | "count">[]): Value {
  let best: Pick<CountedValue, "value" | "count"> = { value: null, count: 0 };
  for (const entry of values) if (entry.count > best.count) best = entry;
  return best.value;
}

interface Frequencies {
  readonly set: ValueSet;
  readonly counts: number[];
}

function putTimes({ set, counts }: Frequencies, value: Value, times: number): number {
  const isNew = set.add(value);
  const at = set.placeOf(value);
  counts[at] = (counts[at] ?? 0) + times;
  refuseMore(set.size, LIMITS.collectedValuesMax, "collectedValuesMax");
  return isNew ? 64 + valueSize(value) : 0;
}

function mergeFrequencies(state: Frequencies, { set, counts }: Frequencies): number {
  return set.values.reduce<number>((bytes, value, at) => bytes + putTimes(state, value, counts[at] as number), 0);
}

/** How often each value came. */
function counted(result: (counts: ReadonlyMap<Value, number>) => Value): Collector<Frequencies> {
  return {
    create: () => ({ set: new ValueSet(), counts: [] }),
    add: (state, value = null) => putTimes(state, value, 1),
    result: ({ set, counts }) => result(new Map(set.values.map((value, index) => [value, counts[index] as number]))),
    save: ({ set, counts }) => ({ values: set.values, counts: [...counts] }),
    load: (kept) => {
      const { values, counts } = kept as { readonly values: readonly Value[]; readonly counts: readonly number[] };
      return { set: new ValueSet(values), counts: [...counts] };
    },
  };
}

/** Each combination of so many arguments is given to the collector once. */
export function distinctly<S>(inner: Collector<S>, arity: number): Collector<{ readonly seen: ValueSet; readonly state: S }> {
  const set = distinctValues(LIMITS.distinctValuesMax, "distinctValuesMax", () => null);
  const add = ({ seen, state }: { readonly seen: ValueSet; readonly state: S }, ...values: readonly Value[]): number => {
    const before = seen.size;
    const bytes = set.add(seen, ...values);
    return seen.size === before ? 0 : bytes + inner.add(state, ...values);
  };
  const merge: (typeof collector)["merge"] = (both, other) =>
    other.seen.values.reduce<number>((bytes, value) => bytes + add(both, ...(arity === 1 ? [value] : (value as readonly Value[]))), 0);
  const collector: Collector<{ readonly seen: ValueSet; readonly state: S }> = {
    create: () => ({ seen: set.create(), state: inner.create() }),
    add,
    result: ({ state }) => inner.result(state),
    save: ({ seen, state }) => [set.save(seen), inner.save(state)],
    load: (kept) => {
      const [seen, state] = kept as readonly [Value, Value];
      return { seen: set.load(seen), state: inner.load(state) };
    },
  };
  return inner.merge === undefined ? collector : { ...collector, merge };
}
