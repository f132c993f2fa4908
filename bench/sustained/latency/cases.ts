import { readingsStream } from "../workspace.ts";

/** What latency is measured of. */
export interface LatencyCase {
  readonly name: "stateless" | "window";
  readonly what: string;
  /** The pipeline that reads one topic and writes another. */
  readonly sql: (input: string, output: string, partitions: number) => string;
  /** From a result's document: the time from which its latency counts. */
  readonly causeMs: (document: Readonly<Record<string, unknown>>) => number;
}

/** Short windows, so that a run sees several of them close: the cost of a closing depends on the devices, not on the length. */
const WINDOW_SECONDS = 10;
const GRACE_SECONDS = 1;

export const LATENCY_CASES: readonly LatencyCase[] = [
  {
    name: "stateless",
    what: "filter and projection of three columns; from the record's timestamp",
    sql: (input, output, partitions) => `${readingsStream(input, partitions)}
INSERT INTO ${output} SELECT deviceId, ts, temperature FROM ${input} WHERE temperature > 25;
`,
    causeMs: ({ ts }) => Date.parse(String(ts)),
  },
  {
    name: "window",
    what: `tumbling ${WINDOW_SECONDS} s per device, final; from the end of the window and its grace period`,
    sql: (input, output, partitions) => `${readingsStream(input, partitions)}
INSERT INTO ${output}
SELECT deviceId, window_end, COUNT(*) AS n, AVG(temperature) AS av, MIN(temperature) AS mi, MAX(temperature) AS ma
FROM ${input}
WINDOW TUMBLING (SIZE ${WINDOW_SECONDS} SECONDS, GRACE PERIOD ${GRACE_SECONDS} SECONDS)
GROUP BY deviceId
EMIT FINAL;
`,
    causeMs: ({ window_end: end }) => Date.parse(String(end)) + GRACE_SECONDS * 1000,
  },
];
