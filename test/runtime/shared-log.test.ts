import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbedded } from "../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { FetchResult, PartitionReader, Source } from "../../src/ports/source.ts";
import { SharedLog } from "../../src/runtime/feeds/shared-log.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { withParts } from "../property/wrap-connection.ts";
import { Harness, record } from "./harness.ts";
import { withPoisonedReleases } from "./poisoned-releases.ts";

const RECORDS = 400;
const never = new AbortController().signal;

/** Counts what is asked for, and what is not released yet. */
class Watched {
  readonly offsets: number[] = [];
  held = 0;

  wrap(source: Source): Source {
    return withParts(source, {
      openPartition: (topic, partition) => {
        const reader = source.openPartition(topic, partition);
        return withParts(reader, {
          fetch: async (request) => {
            this.offsets.push(request.offset);
            const result = await reader.fetch(request);
            if (result.batches.length > 0) this.held++;
            const release = (): void => {
              if (result.batches.length > 0) this.held--;
              result.release?.();
            };
            return { ...result, release };
          },
        });
      },
    });
  }
}

describe("a partition that several read", () => {
  let directory: string;
  let connection: Connection;
  let watched: Watched;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "sluice-"));
    connection = withPoisonedReleases(
      openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, directory, systemClock),
    );
    const source = must(connection.source);
    await source.createTopic("t", { partitions: 1 });
    for (let n = 0; n < RECORDS; n += 10) {
      const records = Array.from({ length: 10 }, (_, index) => record({ n: n + index }, { timestampMs: n + index }));
      await source.append("t", records);
    }
  });
  afterAll(async () => {
    await connection.close();
    rmSync(directory, { recursive: true, force: true });
  });

  function open(readers: number): PartitionReader[] {
    watched = new Watched();
    const log = new SharedLog({ source: watched.wrap(must(connection.source)), topic: "t", partition: 0, onFetched: () => {} });
    return Array.from({ length: readers }, () => log.open());
  }

  const fetch = (reader: PartitionReader, offset: number, maxBytes = 600): Promise<FetchResult> =>
    reader.fetch({ offset, maxBytes, waitMs: 0, signal: never });

  /** What was fetched from there on, as it reads in the end. */
  const numbers = ({ batches }: FetchResult, from: number): readonly number[] =>
    batches.flatMap(({ bytes, count, offsets, valueStarts, valueEnds }) =>
      Array.from({ length: count }, (_, row) => row)
        .filter((row) => must(offsets[row]) >= from)
        .map((row) => (JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as { n: number }).n),
    );

  it.each(seeds([], 20))("gives each what it would read alone, and nothing that was released: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const readers = open(2 + random.below(3)).map((reader) => ({ reader, offset: random.below(RECORDS), read: [] as number[] }));
    const starts = readers.map(({ offset }) => offset);
    const held: { result: FetchResult; offset: number; read: number[] }[] = [];
    const settle = (): void => {
      const [one] = held.splice(random.below(held.length), 1);
      if (one === undefined) return;
      one.read.push(...numbers(one.result, one.offset));
      one.result.release?.();
    };
    for (let going = readers; going.length > 0; going = going.filter(({ offset }) => offset < RECORDS)) {
      const some = going.filter(() => random.chance(0.6));
      await Promise.all(
        some.map(async (one) => {
          const { offset, read } = one;
          const result = await fetch(one.reader, offset);
          one.offset = result.nextOffset;
          held.push({ result, offset, read });
        }),
      );
      while (held.length > 6 || (held.length > 0 && random.chance(0.5))) settle();
    }
    while (held.length > 0) settle();
    for (const [index, { read }] of readers.entries()) {
      const start = must(starts[index]);
      expect(read.sort((a, b) => a - b)).toEqual(Array.from({ length: RECORDS - start }, (_, n) => start + n));
    }
    for (const { reader } of readers) await reader.close();
    expect(watched.held).toBe(0);
  });

  it("is fetched once for those at one place, and for who comes a little later", async () => {
    const [first, second, third] = open(3) as [PartitionReader, PartitionReader, PartitionReader];
    const [one, two] = await Promise.all([fetch(first, 0), fetch(second, 0)]);
    expect(watched.offsets).toEqual([0]);
    one.release?.();
    expect(numbers(two, 0)[0]).toBe(0);
    two.release?.();
    const later = await fetch(third, 5);
    expect(numbers(later, 5)[0]).toBe(5);
    expect(watched.offsets).toEqual([0]);
    expect(watched.held).toBe(1);
    later.release?.();
    for (const reader of [first, second, third]) await fetch(reader, one.nextOffset);
    expect(watched.offsets).toEqual([0, one.nextOffset]);
  });

  it("keeps no more than a few fetches for who is far behind", async () => {
    const [ahead, behind] = open(2) as [PartitionReader, PartitionReader];
    let offset = 0;
    for (let fetches = 0; fetches < LIMITS.sharedFetchesMax + 2; fetches++) {
      const result = await fetch(ahead, offset);
      offset = result.nextOffset;
      result.release?.();
    }
    expect(watched.held).toBe(LIMITS.sharedFetchesMax);
    expect(numbers(await fetch(behind, 0), 0)[0]).toBe(0);
    expect(watched.offsets.filter((asked) => asked === 0)).toHaveLength(2);
    await behind.close();
    expect(watched.held).toBe(1);
  });

  it("is not waited for by one that stops", async () => {
    const [first, second] = open(2) as [PartitionReader, PartitionReader];
    const stopping = new AbortController();
    const far = new AbortController();
    const given = first.fetch({ offset: RECORDS, maxBytes: 600, waitMs: 60_000, signal: far.signal });
    const waiting = second.fetch({ offset: RECORDS, maxBytes: 600, waitMs: 0, signal: stopping.signal });
    stopping.abort();
    await expect(waiting).rejects.toMatchObject({ code: "STOPPED" });
    far.abort();
    await expect(given).rejects.toMatchObject({ code: "STOPPED" });
    expect(watched.offsets).toEqual([RECORDS]);
  });

  it("goes on for the others when the one that fetches gives up", async () => {
    const [first, second] = open(2) as [PartitionReader, PartitionReader];
    const stopping = new AbortController();
    const given = first.fetch({ offset: RECORDS, maxBytes: 600, waitMs: 60_000, signal: stopping.signal });
    const waiting = second.fetch({ offset: RECORDS, maxBytes: 600, waitMs: 0, signal: never });
    stopping.abort();
    await expect(given).rejects.toMatchObject({ code: "STOPPED" });
    expect((await waiting).batches).toEqual([]);
    expect(watched.offsets).toEqual([RECORDS, RECORDS]);
  });
});

describe("a pipeline of windows, joins and stages of one topic", () => {
  it("fetches it once", async () => {
    const watched = new Watched();
    const harness = new Harness((connection) => withParts(connection, { source: watched.wrap(must(connection.source)) }));
    try {
      const readings = Array.from({ length: 3000 }, (_, n) =>
        record({ device: `d${n % 7}`, value: n }, { key: `d${n % 7}`, timestampMs: n }),
      );
      await harness.append("readings", readings);
      await harness.append(
        "homes",
        Array.from({ length: 7 }, (_, n) => record({ room: n }, { key: `d${n}`, timestampMs: 0 })),
      );
      const { statements, fetched } = await harness.run(
        "p",
        `CREATE STREAM readings (device STRING, value INT) WITH (topic = 'readings', key = 'device', partitions = 1);
        CREATE TABLE homes (device STRING PRIMARY KEY, room INT) WITH (topic = 'homes', partitions = 1);
        INSERT INTO a SELECT device, SUM(value) AS total FROM readings WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY device;
        INSERT INTO b SELECT r.value, h.room FROM readings r JOIN homes h ON r.device = h.device;
        WITH stage AS (SELECT device, MAX(value) AS top FROM readings WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY device)
        INSERT INTO c SELECT device, SUM(top) AS total FROM stage GROUP BY device;`,
      );
      expect(statements.map(({ counters }) => counters.in)).toEqual([3000, 3007, 3000]);
      expect(fetched).toBe(3007);
      expect(watched.offsets.filter((offset) => offset === 0)).toHaveLength(2);
    } finally {
      harness.dispose();
    }
  });
});
