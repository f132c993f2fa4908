import type { Summary } from "../measure/distribution.ts";

/** What the bench tells the generator's process. */
export type ToGenerator =
  /** 0: none until further notice. */
  { readonly kind: "rate"; readonly recordsPerSecond: number } | { readonly kind: "stop" };

/** Batches `first` to `first + count` of every partition, as the pool of that batch size numbers them, were given times of this minute. */
export interface BatchUse {
  readonly batchRecords: number;
  readonly minuteMs: number;
  readonly first: number;
  count: number;
}

/** Since the report before. */
export interface GeneratorReport {
  readonly seconds: number;
  /** Records that were acknowledged. */
  readonly records: number;
  /** Records that are due and not sent yet. */
  readonly behind: number;
  /** How much later than due batches were made, and how long after that they were acknowledged. */
  readonly latenessMs: Summary;
  readonly acknowledgedMs: Summary;
}

export interface GeneratorTotals {
  readonly records: number;
  readonly recordBytes: number;
  readonly lastTimestampMs: number;
  readonly uses: readonly BatchUse[];
  readonly cpuSeconds: number;
}

export type FromGenerator =
  | { readonly kind: "ready" }
  | { readonly kind: "report"; readonly report: GeneratorReport }
  | { readonly kind: "stopped"; readonly totals: GeneratorTotals };
