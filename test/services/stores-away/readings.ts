import { setTimeout as sleep } from "node:timers/promises";
import type { RawRecord, Source } from "../../../src/ports/source.ts";
import { freshName } from "../../conformance/names.ts";
import { KafkaConnections } from "../kafka/connection.ts";

export const DEVICES = 100;
export const PARTITIONS = 4;
const TICK_MS = 25;

export interface Reading {
  readonly n: number;
  readonly device: string;
  readonly at: number;
  readonly value: number;
}

export const deviceOf = (n: number): string => `device${n % DEVICES}`;

/** Readings that are numbered, device by device in turn, with the time at which they are made. */
export class Readings {
  readonly topic = freshName("away").replaceAll("-", "_");
  private readonly connections: KafkaConnections;
  private readonly source: Source;
  /** When each was made. */
  private readonly times: number[] = [];

  private constructor(brokers: readonly string[]) {
    this.connections = new KafkaConnections(brokers, "platformatic");
    this.source = this.connections.source();
  }

  static async create(brokers: readonly string[]): Promise<Readings> {
    const readings = new Readings(brokers);
    await readings.source.createTopic(readings.topic, { partitions: PARTITIONS });
    return readings;
  }

  get count(): number {
    return this.times.length;
  }

  get all(): readonly Reading[] {
    return this.times.map((at, n) => ({ n, device: deviceOf(n), at, value: (n * 7919) % 1000 }));
  }

  /** How long ago the reading was made, in seconds; 0: it has not been made yet. */
  ageOf(n: number): number {
    const at = this.times[n];
    return at === undefined ? 0 : Math.max(0, Date.now() - at) / 1000;
  }

  async produce(rate: number, signal: AbortSignal): Promise<void> {
    const startMs = performance.now();
    while (!signal.aborted) {
      await this.append(Math.floor(((performance.now() - startMs) / 1000) * rate) - this.count);
      await sleep(TICK_MS);
    }
  }

  close(): Promise<void> {
    return this.connections.close();
  }

  private async append(count: number): Promise<void> {
    if (count <= 0) return;
    const timestampMs = Date.now();
    const records = Array.from({ length: count }, (): RawRecord => {
      const n = this.times.push(timestampMs) - 1;
      const reading: Reading = { n, device: deviceOf(n), at: timestampMs, value: (n * 7919) % 1000 };
      return { key: Buffer.from(reading.device), value: Buffer.from(JSON.stringify(reading)), timestampMs };
    });
    await this.source.append(this.topic, records);
  }
}
