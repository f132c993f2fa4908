import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { FetchRequest, FetchResult, LogBounds, PartitionReader, Source } from "../../ports/source.ts";
import { unlessAborted } from "../unless-aborted.ts";

export interface SharedLogOptions {
  readonly source: Source;
  readonly topic: string;
  readonly partition: number;
  /** Of records that were fetched before, only the first time counts. */
  readonly onFetched: (records: number, bytes: number) => void;
}

/** What one fetch gave, for all that come by. */
interface Shared {
  /** That was asked for. */
  readonly offset: number;
  readonly result: FetchResult;
  /** Readers that still work it off or are about to, and one more as long as it is kept for others. */
  users: number;
}

/** A fetch under way. */
interface UnderWay {
  readonly answer: Promise<Shared>;
  /** How many wait for it. */
  waiting: number;
}

interface Reader {
  readonly own: PartitionReader;
  /** Up to which it has asked. */
  offset: number;
}

/**
 * A partition of a topic, fetched once for all feeds and cohorts that read it at about the same place (`runtime.md` §1: one poll). What one
 * has fetched is kept until the others have come by, or until it is too old: nobody waits for anybody, and who is far behind
 * fetches for itself. A single reader notices nothing of it.
 */
export class SharedLog {
  private readonly options: SharedLogOptions;
  private readonly readers = new Set<Reader>();
  private readonly underWay = new Map<number, UnderWay>();
  /** Oldest first. */
  private kept: Shared[] = [];
  private fetchedUntil = 0;

  constructor(options: SharedLogOptions) {
    this.options = options;
  }

  get topic(): string {
    return this.options.topic;
  }

  bounds(): Promise<LogBounds> {
    const { source, topic, partition } = this.options;
    return source.bounds(topic, partition);
  }

  /** Its first batch may begin below the offset that is asked for. */
  open(): PartitionReader {
    const { source, topic, partition } = this.options;
    const reader: Reader = { own: source.openPartition(topic, partition), offset: 0 };
    this.readers.add(reader);
    return {
      fetch: (request) => this.fetch(reader, request),
      close: () => {
        this.readers.delete(reader);
        this.dropPassed();
        return reader.own.close();
      },
    };
  }

  private async fetch(reader: Reader, request: FetchRequest): Promise<FetchResult> {
    const { offset, signal } = request;
    reader.offset = offset;
    this.dropPassed();
    for (;;) {
      const known = this.kept.find((one) => one.offset <= offset && offset < one.result.nextOffset);
      if (known !== undefined) {
        known.users++;
        return this.given(known, offset);
      }
      const others = this.underWay.get(offset);
      if (others === undefined) return this.given(await this.fetchFor(reader, request), offset);
      others.waiting++;
      const shared = await unlessAborted(others.answer, signal).catch(() => null);
      if (shared === undefined) {
        others.answer.then((late) => this.release(late)).catch(() => {});
        throw new SluiceError("STOPPED", `reading ${this.options.topic} was stopped`);
      }
      // The one that fetched it was stopped, or failed: as this one may, too, by itself.
      if (shared !== null) return this.given(shared, offset);
    }
  }

  private fetchFor(reader: Reader, request: FetchRequest): Promise<Shared> {
    const { offset } = request;
    const answer = reader.own
      .fetch(request)
      .finally(() => this.underWay.delete(offset))
      .then((result) => this.take(offset, result, one.waiting));
    const one: UnderWay = { answer, waiting: 1 };
    this.underWay.set(offset, one);
    return answer;
  }

  private take(offset: number, result: FetchResult, users: number): Shared {
    const shared = { offset, result, users };
    this.count(result);
    if (this.readers.size > 1 && result.batches.length > 0) {
      shared.users++;
      this.kept.push(shared);
      if (this.kept.length > LIMITS.sharedFetchesMax) this.release(must(this.kept.shift()));
    }
    return shared;
  }

  private given(shared: Shared, offset: number): FetchResult {
    const { batches, nextOffset, bounds } = shared.result;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.release(shared);
    };
    return { batches: batches.filter((slices) => slices.nextOffset > offset), nextOffset, bounds, release };
  }

  private release(shared: Shared): void {
    if (--shared.users === 0) shared.result.release?.();
  }

  /** What all have passed, nobody will ask for; where one reads alone, nothing is kept. */
  private dropPassed(): void {
    if (this.kept.length === 0) return;
    const offset = this.readers.size > 1 ? Math.min(...[...this.readers].map((reader) => reader.offset)) : Number.POSITIVE_INFINITY;
    const passed = this.kept.filter(({ result }) => result.nextOffset <= offset);
    this.kept = this.kept.filter(({ result }) => result.nextOffset > offset);
    for (const shared of passed) this.release(shared);
  }

  private count({ batches }: FetchResult): void {
    for (const { count, offsets, bytes, nextOffset } of batches) {
      let known = 0;
      while (known < count && must(offsets[known]) < this.fetchedUntil) known++;
      if (known === count) continue;
      this.fetchedUntil = nextOffset;
      this.options.onFetched(count - known, Math.round((bytes.length * (count - known)) / count));
    }
  }
}
