import { partitionForKey } from "../../../src/adapters/codecs/murmur2.ts";
import { deviceId } from "../../data/readings.ts";
import { ReadingPool } from "./reading-pool.ts";

/** Readings in a pool, of all partitions: every device has a dozen. */
const POOL_RECORDS = 120_000;
/** More than can be under way at once: what is sent must not be written meanwhile. */
const POOL_BATCHES_MIN = 24;

/** The pools of one run by batch size; the same everywhere, so that what was sent can be computed again. */
export class Pools {
  /** Numbers of the devices by partition of their keys. */
  readonly devices: readonly (readonly number[])[];
  private readonly poolRecords: number;
  private readonly pools = new Map<number, ReadingPool>();

  constructor(devices: number, partitions: number, poolRecords = POOL_RECORDS) {
    this.poolRecords = poolRecords;
    const byPartition = Array.from({ length: partitions }, (): number[] => []);
    for (let device = 0; device < devices; device++) byPartition[partitionForKey(Buffer.from(deviceId(device)), partitions)]?.push(device);
    this.devices = byPartition;
  }

  get partitions(): number {
    return this.devices.length;
  }

  of(batchRecords: number): ReadingPool {
    const known = this.pools.get(batchRecords);
    if (known !== undefined) return known;
    const batches = Math.max(Math.ceil(this.poolRecords / this.partitions / batchRecords), POOL_BATCHES_MIN);
    const pool = new ReadingPool({ devices: this.devices, batchRecords, batches, seed: 1 });
    this.pools.set(batchRecords, pool);
    return pool;
  }
}
