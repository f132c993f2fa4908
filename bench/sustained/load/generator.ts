import { Distribution } from "../measure/distribution.ts";
import { dueMs, type Pace, paceFor, roundsDue } from "./pace.ts";
import type { Pools } from "./pools.ts";
import type { BatchUse, GeneratorReport, GeneratorTotals } from "./protocol.ts";
import type { ReadingPool } from "./reading-pool.ts";

/** Requests under way. The client sends five at once; more than a few behind them only show that the broker does not keep up. */
const REQUESTS_MAX = 16;
/** After a stall: so many rounds are made before acknowledgements are looked at again. */
const ROUNDS_AT_ONCE_MAX = 8;
const MINUTE_MS = 60_000;

/** Sends one batch to each partition; resolves when all of them are acknowledged. */
export type SendRound = (batches: readonly Buffer[]) => Promise<void>;

interface Current {
  readonly pace: Pace;
  readonly pool: ReadingPool;
  readonly beganMs: number;
  rounds: number;
}

/**
 * Readings at a given rate, with the wall clock as their time. What could not be sent in time is sent later, as fast as it
 * goes, with the time at which it is made; how late that was is reported.
 */
export class Generator {
  private readonly pools: Pools;
  private readonly sendRound: SendRound;
  private current: Current | null = null;
  private timer: NodeJS.Timeout | null = null;
  /** Batches taken so far, by the size of a batch. */
  private readonly taken = new Map<number, number>();
  private readonly uses: BatchUse[] = [];
  private readonly underWay = new Set<Promise<void>>();
  private lastTimestampMs = 0;
  private acknowledged = 0;
  private reported = { atMs: performance.now(), records: 0 };
  private lateness = new Distribution();
  private acknowledgements = new Distribution();
  private readonly onFailed: (error: unknown) => void;

  constructor(pools: Pools, sendRound: SendRound, onFailed: (error: unknown) => void) {
    this.pools = pools;
    this.sendRound = sendRound;
    this.onFailed = onFailed;
  }

  setRate(recordsPerSecond: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.current = null;
    if (recordsPerSecond === 0) return;
    const pace = paceFor(recordsPerSecond, this.pools.partitions);
    const pool = this.pools.of(pace.batchRecords);
    this.current = { pace, pool, beganMs: performance.now(), rounds: 0 };
    this.tick();
  }

  report(): GeneratorReport {
    const atMs = performance.now();
    const report = {
      seconds: (atMs - this.reported.atMs) / 1000,
      records: this.acknowledged - this.reported.records,
      behind: this.behind(),
      latenessMs: this.lateness.summary(),
      acknowledgedMs: this.acknowledgements.summary(),
    };
    this.reported = { atMs, records: this.acknowledged };
    this.lateness = new Distribution();
    this.acknowledgements = new Distribution();
    return report;
  }

  /** When everything sent is acknowledged. */
  async stop(): Promise<GeneratorTotals> {
    const recordBytes = this.current?.pool.recordBytes ?? 0;
    this.setRate(0);
    await Promise.all(this.underWay);
    const { user, system } = process.cpuUsage();
    const { acknowledged: records, lastTimestampMs, uses } = this;
    return { records, recordBytes, lastTimestampMs, uses, cpuSeconds: (user + system) / 1e6 };
  }

  private behind(): number {
    if (this.current === null) return 0;
    const { pace, rounds, beganMs } = this.current;
    return Math.max(roundsDue(pace, performance.now() - beganMs) - rounds, 0) * pace.roundRecords;
  }

  private tick(): void {
    const { current } = this;
    if (current === null) return;
    const due = roundsDue(current.pace, performance.now() - current.beganMs);
    for (let made = 0; current.rounds < due && made < ROUNDS_AT_ONCE_MAX && this.underWay.size < REQUESTS_MAX; made++) this.send(current);
    const nextMs = dueMs(current.pace, current.rounds) - (performance.now() - current.beganMs);
    this.timer = setTimeout(() => this.tick(), Math.max(nextMs, 0));
  }

  private send(current: Current): void {
    const { pool, pace } = current;
    const timeMs = Date.now();
    const number = this.taken.get(pool.batchRecords) ?? 0;
    this.taken.set(pool.batchRecords, number + 1);
    this.noteUse(pool.batchRecords, number, timeMs);
    const batches = Array.from({ length: this.pools.partitions }, (_, partition) => pool.batch(partition, number, timeMs));
    const madeMs = performance.now();
    this.lateness.add(madeMs - current.beganMs - dueMs(pace, current.rounds));
    current.rounds++;
    this.lastTimestampMs = timeMs;
    const sending = this.sendRound(batches)
      .then(() => {
        this.acknowledged += pace.roundRecords;
        this.acknowledgements.add(performance.now() - madeMs);
      }, this.onFailed)
      .finally(() => this.underWay.delete(sending));
    this.underWay.add(sending);
  }

  private noteUse(batchRecords: number, number: number, timeMs: number): void {
    const minuteMs = timeMs - (timeMs % MINUTE_MS);
    const last = this.uses.at(-1);
    if (last?.batchRecords === batchRecords && last.minuteMs === minuteMs) last.count++;
    else this.uses.push({ batchRecords, minuteMs, first: number, count: 1 });
  }
}
