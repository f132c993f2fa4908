import type { Source } from "../ports/source.ts";
import { grouped } from "./output.ts";

interface Minute {
  devices: number;
  readings: number;
  sum: number;
  min: number;
  max: number;
}

interface Result {
  readonly minute: string;
  readonly readings: number;
  readonly avg_temperature: number;
  readonly min_temperature: number;
  readonly max_temperature: number;
}

/** Reads the results as anybody could and prints one line per window once all partitions have closed it. */
export class DemoWindows {
  private readonly print: (line: string) => void;
  private readonly minutes = new Map<string, Minute>();
  private readonly latest: string[];
  private readonly stopping = new AbortController();
  private readonly reading: Promise<unknown>;

  private constructor(source: Source, topic: string, from: readonly number[], print: (line: string) => void, signal: AbortSignal) {
    this.print = print;
    this.latest = from.map(() => "");
    signal.addEventListener("abort", () => this.stopping.abort(), { once: true });
    this.reading = Promise.all(from.map((offset, partition) => this.follow(source, topic, partition, offset)));
  }

  /** Begins at the results that come from now on. */
  static async open(source: Source, topic: string, print: (line: string) => void, signal: AbortSignal): Promise<DemoWindows> {
    const partitions = (await source.describeTopic(topic))?.partitions ?? 0;
    const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => source.bounds(topic, partition)));
    return new DemoWindows(
      source,
      topic,
      bounds.map(({ endOffset }) => endOffset),
      print,
      signal,
    );
  }

  /** Stops and prints what is left. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.reading;
    this.printBefore(null);
  }

  private async follow(source: Source, topic: string, partition: number, from: number): Promise<void> {
    const reader = source.openPartition(topic, partition);
    const { signal } = this.stopping;
    try {
      for (let offset = from; ; ) {
        const result = await reader.fetch({
          offset,
          maxBytes: 1 << 20,
          waitMs: signal.aborted ? 0 : 200,
          signal: new AbortController().signal,
        });
        if (signal.aborted && result.batches.length === 0) break;
        for (const { bytes, valueStarts, valueEnds, count } of result.batches) {
          for (let row = 0; row < count; row++)
            this.add(partition, JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as Result);
        }
        offset = result.nextOffset;
        this.printBefore(this.latest.toSorted()[0] ?? null);
      }
    } finally {
      await reader.close();
    }
  }

  private add(partition: number, result: Result): void {
    this.latest[partition] = result.minute;
    const minute = this.minutes.get(result.minute) ?? {
      devices: 0,
      readings: 0,
      sum: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
    };
    minute.devices++;
    minute.readings += result.readings;
    minute.sum += result.avg_temperature * result.readings;
    minute.min = Math.min(minute.min, result.min_temperature);
    minute.max = Math.max(minute.max, result.max_temperature);
    this.minutes.set(result.minute, minute);
  }

  /** null: all of them. */
  private printBefore(limit: string | null): void {
    for (const start of [...this.minutes.keys()].sort()) {
      if (limit !== null && start >= limit) return;
      const { devices, readings, sum, min, max } = this.minutes.get(start) as Minute;
      this.minutes.delete(start);
      this.print(
        `window ${start.slice(0, 10)} ${start.slice(11, 16)} closed: ${grouped(devices)} devices, ${grouped(readings)} readings, ` +
          `mean ${(sum / readings).toFixed(2)} °C, from ${min.toFixed(2)} to ${max.toFixed(2)}`,
      );
    }
  }
}
