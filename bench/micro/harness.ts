/** One way of doing something to a number of rows. */
export interface Way {
  readonly name: string;
  /** What one would write without thinking about speed: the others are compared with it. */
  readonly isNaive?: boolean;
  /** Does all rows once. What it gives is not looked at, but keeps the work from being optimized away. */
  readonly run: () => unknown;
}

export interface WayResult {
  readonly name: string;
  readonly isNaive: boolean;
  /** CPU of the thread, or of the process where others take part. */
  readonly microsARow: { readonly median: number; readonly least: number };
}

export interface MicroOptions {
  readonly rounds: number;
  /** `host:port` and topic, for what reads from Kafka. */
  readonly broker: string | null;
  readonly topic: string | null;
}

export interface MicroBench {
  readonly name: string;
  readonly what: string;
  /** null: what it needs was not given. */
  readonly measure: (options: MicroOptions) => readonly WayResult[] | Promise<readonly WayResult[] | null>;
}

const WARM_UP_MS = 300;
const ROUND_MS = 40;

/** The ways in turns, so that what drifts with time is on all of them alike. */
export function inTurns(rows: number, ways: readonly Way[], { rounds }: MicroOptions): readonly WayResult[] {
  const repeats = ways.map(({ run }) => warmUp(run));
  const figures: number[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { run }] of ways.entries()) figures[i]?.push(cpuMicros(run, repeats[i] ?? 1) / rows);
  }
  return ways.map(({ name, isNaive }, i) => ({ name, isNaive: isNaive ?? false, microsARow: summaryOf(figures[i] ?? []) }));
}

export function summaryOf(values: readonly number[]): WayResult["microsARow"] {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1] ?? Number.NaN, least: sorted[0] ?? Number.NaN };
}

let sink: unknown = null;

/** Until compiled. Gives how often it must run for a round to be long enough to be measured. */
function warmUp(run: () => unknown): number {
  const began = performance.now();
  let times = 0;
  for (; performance.now() - began < WARM_UP_MS || times < 3; times++) sink = run();
  return Math.max(1, Math.round((times * ROUND_MS) / WARM_UP_MS));
}

/** µs of CPU of this thread for one run: of others on the machine nothing is in it but their use of the caches. */
function cpuMicros(run: () => unknown, times: number): number {
  const before = process.threadCpuUsage();
  for (let i = 0; i < times; i++) sink = run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / times;
}

/** What was computed last; read by nobody, but the compiler cannot know. */
export const lastResult = (): unknown => sink;
