/** How a rate is made: one record batch for each partition, all in one request, in equal steps. */
export interface Pace {
  readonly batchRecords: number;
  readonly roundRecords: number;
  readonly roundMs: number;
}

/** About how long after each other requests are sent: short beside the latencies that are measured. */
const ROUND_MS = 10;
/** A batch stays below the broker's limit for one. */
const BATCH_RECORDS_MAX = 4_000;

/** The step follows from whole records in a batch, so that the rate is exact. */
export function paceFor(recordsPerSecond: number, partitions: number): Pace {
  const wanted = Math.round((recordsPerSecond * ROUND_MS) / 1000 / partitions);
  const batchRecords = Math.min(Math.max(wanted, 1), BATCH_RECORDS_MAX);
  const roundRecords = batchRecords * partitions;
  return { batchRecords, roundRecords, roundMs: (roundRecords / recordsPerSecond) * 1000 };
}

/** Rounds that should have been sent by now; the first is due at once. */
export function roundsDue({ roundMs }: Pace, elapsedMs: number): number {
  return elapsedMs < 0 ? 0 : Math.floor(elapsedMs / roundMs) + 1;
}

/** When a round is due, counted from the beginning. */
export function dueMs({ roundMs }: Pace, round: number): number {
  return round * roundMs;
}
