import type { Metric, Registry } from "@prometheus-io/client";
import { DURATION_BOUNDS_MS } from "../../runtime/durations.ts";
import type { DurationCounts } from "../../runtime/protocol.ts";

export type Labels = Readonly<Record<string, string>>;
export type Sample<Value = number> = readonly [labels: Labels, value: Value];

/** Makes the samples of a family out of its subjects by one measure; subjects of which it knows nothing (null) are left out. */
export function eachOf<Subject>(subjects: () => readonly Sample<Subject>[]) {
  return <Value>(measure: (subject: Subject) => Value | null) =>
    (): readonly Sample<Value>[] =>
      subjects().flatMap(([labels, subject]) => {
        const value = measure(subject);
        return value === null ? [] : [[labels, value] as const];
      });
}

/** A sample for each of the states: 1 for the one that it is, 0 for the others. */
export function byState<State extends string>(samples: () => readonly Sample<State>[], states: readonly State[]) {
  return (): readonly Sample[] =>
    samples().flatMap(([labels, state]) => states.map((one): Sample => [{ ...labels, state: one }, one === state ? 1 : 0]));
}

interface Line {
  readonly labels: Labels;
  readonly value: number;
  /** Where it is not the family's own. */
  readonly metricName?: string;
}

/** Metric families whose values are kept elsewhere, and gathered when somebody asks. */
export class Families {
  private readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  gauge(name: string, help: string, samples: () => readonly Sample[]): void {
    this.add(name, help, "gauge", () => samples().map(([labels, value]) => ({ labels, value })));
  }

  counter(name: string, help: string, samples: () => readonly Sample[]): void {
    this.add(name, help, "counter", () => samples().map(([labels, value]) => ({ labels, value })));
  }

  /** In seconds, with the bounds of `durations.ts`. */
  histogram(name: string, help: string, samples: () => readonly Sample<DurationCounts>[]): void {
    this.add(name, help, "histogram", () => samples().flatMap(([labels, durations]) => histogramLines(name, labels, durations)));
  }

  private add(name: string, help: string, type: string, lines: () => readonly Line[]): void {
    const family = { name, help, type, get: async () => ({ name, help, type, aggregator: "sum", values: lines() }) };
    // What the registry asks of a metric is less than its type says.
    this.registry.registerMetric(family as unknown as Metric<string>);
  }
}

function histogramLines(name: string, labels: Labels, { counts, totalMs }: DurationCounts): readonly Line[] {
  let count = 0;
  const buckets = counts.map((added, at): Line => {
    count += added;
    const bound = DURATION_BOUNDS_MS[at];
    return { labels: { ...labels, le: bound === undefined ? "+Inf" : String(bound / 1000) }, value: count, metricName: `${name}_bucket` };
  });
  return [...buckets, { labels, value: totalMs / 1000, metricName: `${name}_sum` }, { labels, value: count, metricName: `${name}_count` }];
}
