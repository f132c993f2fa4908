import { BIGINT, DOUBLE } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import type { Collector, ObjectAggregate } from "../collector.ts";
import { countedValues } from "../counted-values.ts";
import { column } from "../example-rows.ts";
import { any, number } from "../parameters.ts";
import type { Parameter } from "../spec.ts";
import { keep } from "./collect.ts";
import { HyperLogLog } from "./hyper-log-log.ts";
import { TDigest, type TDigestState } from "./t-digest.ts";

const SHARE: Parameter = { ...number("share"), literal: true };
const ROWS = column([1, 2, 3, 4, 10]);

/** Counts of distinct values and quantiles: exact with a bound on the values, or approximate without one. */
export const sketchFunctions: readonly ObjectAggregate[] = [
  {
    name: "approx_count_distinct",
    synonyms: ["approx_distinct"],
    parameters: [any()],
    result: BIGINT,
    doc: "About how many distinct values there are, from 4 kB for each group whatever their number (HyperLogLog, error 1.6 %).",
    examples: [{ sql: "approx_count_distinct(v)", rows: column(["a", "b", "a", null]), result: 2 }],
    collector: (): Collector<HyperLogLog> => ({
      create: () => new HyperLogLog(),
      stateBytes: 4200,
      add: (sketch, value = null) => {
        sketch.add(value);
        return 0;
      },
      merge: (sketch, other) => {
        sketch.merge(other);
        return 0;
      },
      result: (sketch) => sketch.estimate(),
      save: (sketch) => sketch.registers,
      load: (kept) => new HyperLogLog(Uint8Array.from(kept as Uint8Array)),
    }),
    retracting: () => countedValues((values) => values.length),
  },
  {
    name: "approx_quantile",
    synonyms: ["approx_percentile"],
    parameters: [number("value"), SHARE],
    result: DOUBLE,
    doc: "About which value has that share of all values, 0 to 1, below it, from some kB for each group whatever their number (t-digest).",
    examples: [{ sql: "approx_quantile(v, 0.5)", rows: ROWS, result: 3, duckdb: "approx_quantile(v, 0.5::FLOAT)" }],
    collector: (_types, [, share]): Collector<TDigest> => {
      const wanted = shareOf(share);
      return {
        create: () => new TDigest(),
        stateBytes: 12_000,
        add: (digest, value) => {
          digest.add(value as number);
          return 0;
        },
        merge: (digest, other) => {
          digest.merge(other);
          return 0;
        },
        result: (digest) => digest.quantile(wanted),
        save: (digest) => ({ ...digest.state }),
        load: (kept) => new TDigest(kept as unknown as TDigestState),
      };
    },
    retracting: (_types, [, share]) => counted((values) => continuous(values, shareOf(share))),
  },
  {
    name: "quantile_cont",
    synonyms: ["percentile_cont", "percentile"],
    parameters: [number("value"), SHARE],
    result: DOUBLE,
    doc: "The value that has that share of all values, 0 to 1, below it, between two values where it lies there.",
    examples: [{ sql: "quantile_cont(v, 0.9)", rows: ROWS, result: 7.6 }],
    collector: (_types, [, share]) => ordered((values) => continuous(values, shareOf(share))),
    retracting: (_types, [, share]) => counted((values) => continuous(values, shareOf(share))),
  },
  {
    name: "quantile_disc",
    synonyms: ["percentile_disc", "quantile"],
    parameters: [number("value"), SHARE],
    result: DOUBLE,
    doc: "The least value that has that share of all values, 0 to 1, at or below it.",
    examples: [{ sql: "quantile_disc(v, 0.5)", rows: ROWS, result: 3 }],
    collector: (_types, [, share]) => ordered((values) => discrete(values, shareOf(share))),
    retracting: (_types, [, share]) => counted((values) => discrete(values, shareOf(share))),
  },
  {
    name: "median",
    synonyms: [],
    parameters: [number("value")],
    result: DOUBLE,
    doc: "The value in the middle, or between the two there.",
    examples: [{ sql: "median(v)", rows: ROWS, result: 3 }],
    collector: () => ordered((values) => continuous(values, 0.5)),
    retracting: () => counted((values) => continuous(values, 0.5)),
  },
];

function shareOf(value: Value | undefined): number {
  const share = Number(value);
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share is between 0 and 1, not ${String(value)}`);
  return share;
}

/** Of all values in their order. */
function ordered(finish: (values: Float64Array) => number | null): Collector<number[]> {
  return {
    create: () => [],
    add: (values, value) => keep(values, value as number),
    merge: (values, others) => others.reduce((bytes, value) => bytes + keep(values, value), 0),
    result: (values) => finish(Float64Array.from(values).sort()),
    save: (values) => [...values],
    load: (kept) => [...(kept as readonly number[])],
  };
}

/** The same of values that may be taken back. The share may follow them. */
function counted(finish: (values: Float64Array) => number | null): Collector {
  return countedValues((counts) => {
    const values = new Float64Array(counts.reduce((sum, { count }) => sum + count, 0));
    let at = 0;
    for (const { value, count } of counts) {
      values.fill((Array.isArray(value) ? value[0] : value) as number, at, at + count);
      at += count;
    }
    return finish(values.sort());
  }) as Collector;
}

function discrete(values: Float64Array, share: number): number | null {
  return values[Math.max(Math.ceil(share * values.length) - 1, 0)] ?? null;
}

function continuous(values: Float64Array, share: number): number | null {
  if (values.length === 0) return null;
  const rank = share * (values.length - 1);
  const [below, above] = [values[Math.floor(rank)] as number, values[Math.ceil(rank)] as number];
  return below + (above - below) * (rank - Math.floor(rank));
}
