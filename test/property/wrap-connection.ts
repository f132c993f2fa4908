import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import { documentTextOf, idOf } from "../../src/model/change.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { RouteTarget, Sink } from "../../src/ports/sink.ts";
import type { PartitionReader, Source } from "../../src/ports/source.ts";

/** The connection with other parts in the place of its own. */
export function withParts<T extends object>(whole: T, parts: Partial<T>): T {
  return new Proxy(whole, {
    get(target, property) {
      const value: unknown = Reflect.get(property in parts ? parts : target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The connection with something before each sink. */
export function withSinks(connection: Connection, guard: (target: RouteTarget, sink: Sink) => Sink): Connection {
  return withParts(connection, { openSink: async (target) => guard(target, await connection.openSink(target)) });
}

/** How many readers of a topic are open, all together: each cohort has one. */
export class ReaderCount {
  open = 0;
  /** Most that were open at one time, since it was set. */
  most = 0;
  private readonly topic: string;

  constructor(topic: string) {
    this.topic = topic;
  }

  wrap = (connection: Connection): Connection => {
    const source = must(connection.source);
    const openPartition: Source["openPartition"] = (topic, partition) => {
      const reader = source.openPartition(topic, partition);
      return topic === this.topic ? this.counted(reader) : reader;
    };
    return withParts(connection, { source: withParts(source, { openPartition }) });
  };

  private counted(reader: PartitionReader): PartitionReader {
    this.most = Math.max(this.most, ++this.open);
    return withParts(reader, {
      close: () => {
        this.open--;
        return reader.close();
      },
    });
  }
}

/** Gates before targets: while one is shut, its target is unavailable. */
export class Gates {
  readonly shut = new Set<string>();

  wrap = (connection: Connection): Connection =>
    withSinks(connection, ({ name }, sink) => ({
      // The store takes one transaction at a time, whoever writes.
      overlaps: true,
      write: async (batch, origin, signal) => {
        if (this.shut.has(name)) throw new SluiceError("CHANGE_UNAVAILABLE", `${name} is down`);
        return sink.write(batch, origin, signal);
      },
      close: () => sink.close(),
    }));
}

export interface SentChange {
  readonly target: string;
  readonly id: string;
  readonly version: number;
  readonly document: string;
}

/**
 * Keeps what is sent. While it is mute, targets take everything and never say so: what a crash after the write looks like. While it is
 * deaf they take nothing: a crash before the write.
 */
export class Witness {
  sent: SentChange[] = [];
  isMute = false;
  isDeaf = false;

  wrap = (connection: Connection): Connection =>
    withSinks(connection, ({ name: target }, sink) => ({
      write: async (batch, origin, signal) => {
        for (let row = 0; row < batch.count; row++) {
          this.sent.push({ target, id: idOf(batch, row), version: must(batch.versions[row]), document: documentTextOf(batch, row) });
        }
        if (this.isDeaf && !signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        if (this.isDeaf) signal.throwIfAborted();
        const result = await sink.write(batch, origin, signal);
        // An abort that came during the write fires no listener that is added after it.
        if (this.isMute && !signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        signal.throwIfAborted();
        return result;
      },
      close: () => sink.close(),
    }));

  take(): SentChange[] {
    const { sent } = this;
    this.sent = [];
    return sent;
  }
}
