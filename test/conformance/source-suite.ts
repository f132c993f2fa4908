import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partitionForKey } from "../../src/adapters/codecs/murmur2.ts";
import type { RawRecord, Source } from "../../src/ports/source.ts";
import { eventually } from "./eventually.ts";
import { groupTests } from "./group-tests.ts";
import { freshName } from "./names.ts";
import { readToEnd, recordsOf } from "./read-log.ts";

/** One system under test; `open` gives connections as different processes would have them. Closing the driver closes them all. */
export interface SourceDriver {
  open(): Promise<Source>;
  close(): Promise<void>;
}

export interface SourceSuiteOptions {
  /** Several members share a group's partitions. */
  readonly sharesGroups?: boolean;
}

/** The contract of `src/ports/source.ts`. Call it at the top level of a test file. */
export function sourceSuite(name: string, makeDriver: () => Promise<SourceDriver>, options: SourceSuiteOptions = {}): void {
  describe(`${name} as a source`, () => {
    let driver: SourceDriver;
    let source: Source;

    beforeAll(async () => {
      driver = await makeDriver();
      source = await driver.open();
    });
    afterAll(async () => {
      await driver.close();
    });

    const topicOf = async (partitions = 1): Promise<string> => {
      const topic = freshName("source");
      await source.createTopic(topic, { partitions });
      return topic;
    };

    topicTests(() => source, topicOf);
    readingTests(() => source, topicOf);
    waitingTests(
      () => source,
      topicOf,
      () => driver.open(),
    );
    appendTests(() => source, topicOf);
    groupTests(
      () => source,
      topicOf,
      () => driver.open(),
      options,
    );
  });
}

export type TopicOf = (partitions?: number) => Promise<string>;

export const plain = (value: string, timestampMs = 1_700_000_000_000, key: string | null = null): RawRecord => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  timestampMs,
});

const numbered = (count: number, from = 0): RawRecord[] =>
  Array.from({ length: count }, (_, i) => plain(`value ${from + i}`, 1000 + from + i));

const valuesOf = (records: readonly { readonly value: string | null }[]): (string | null)[] => records.map((record) => record.value);

function topicTests(source: () => Source, topicOf: TopicOf): void {
  it("deletes topics", async () => {
    const topic = freshName("deleted");
    await expect(source().deleteTopic(topic)).rejects.toMatchObject({ code: "TOPIC_MISSING" });
    await source().createTopic(topic, { partitions: 2 });
    await source().append(topic, [{ key: null, value: Buffer.from("{}"), timestampMs: 1 }]);
    const before = await source().describeTopic(topic);
    await source().deleteTopic(topic);
    await eventually(async () => expect(await source().describeTopic(topic)).toBeNull());
    await source().createTopic(topic, { partitions: 1 });
    const after = await source().describeTopic(topic);
    expect(after?.partitions).toBe(1);
    if (before?.id !== null) expect(after?.id).not.toBe(before?.id);
    expect(await source().bounds(topic, 0)).toMatchObject({ endOffset: 0 });
  });

  it("trims a log that nothing else shortens", async () => {
    const topic = freshName("trimmed");
    await source().createTopic(topic, { partitions: 2, isTrimmed: true });
    for (let value = 0; value < 4; value++) await source().append(topic, [{ ...plain(`value ${value}`), partition: 1 }]);
    await source().trim(topic, 1, 3);
    expect(await source().bounds(topic, 1)).toEqual({ startOffset: 3, endOffset: 4 });
    expect(await source().bounds(topic, 0)).toEqual({ startOffset: 0, endOffset: 0 });
    await source().trim(topic, 1, 2);
    await source().trim(topic, 1, 4);
    expect(await source().bounds(topic, 1)).toEqual({ startOffset: 4, endOffset: 4 });
    await expect(source().trim(freshName("missing"), 0, 1)).rejects.toMatchObject({ code: "TOPIC_MISSING" });
  });

  it("creates a topic once, and describes and lists it", async () => {
    const topic = freshName("source");
    expect(await source().describeTopic(topic)).toBeNull();
    await source().createTopic(topic, { partitions: 3 });
    await source().append(topic, [plain("kept")]);
    await source().createTopic(topic, { partitions: 3 });
    await source().createTopic(topic, { partitions: 1 });
    expect(await source().describeTopic(topic)).toMatchObject({ name: topic, partitions: 3, compacted: false });
    expect(await source().listTopics()).toContain(topic);
    const ends = await Promise.all([0, 1, 2].map(async (partition) => (await source().bounds(topic, partition)).endOffset));
    expect(ends.toSorted()).toEqual([0, 0, 1]);
  });

  it("says that a topic is compacted", async () => {
    const topic = freshName("source");
    await source().createTopic(topic, { partitions: 1, compacted: true });
    expect(await source().describeTopic(topic)).toMatchObject({ compacted: true });
  });

  it("names a topic that is missing", async () => {
    await expect(source().bounds(freshName("missing"), 0)).rejects.toMatchObject({ code: "TOPIC_MISSING" });
  });

  it("knows the bounds of a log", async () => {
    const topic = await topicOf();
    expect(await source().bounds(topic, 0)).toEqual({ startOffset: 0, endOffset: 0 });
    await source().append(topic, numbered(5));
    expect(await source().bounds(topic, 0)).toEqual({ startOffset: 0, endOffset: 5 });
  });

  it("finds the first offset at or after a time", async () => {
    const topic = await topicOf();
    await source().append(topic, [plain("a", 1000), plain("b", 2000)]);
    await source().append(topic, [plain("c", 3000), plain("d", 2500), plain("e", 4000)]);
    const at = (timestampMs: number) => source().offsetAt(topic, 0, timestampMs);
    expect([await at(0), await at(1000), await at(1001), await at(2001), await at(3001), await at(4001)]).toEqual([0, 0, 1, 2, 4, 5]);
  });
}

function readingTests(source: () => Source, topicOf: TopicOf): void {
  it("gives back every part of a record", async () => {
    const topic = await topicOf();
    const written: RawRecord[] = [
      { key: Buffer.from("k"), value: Buffer.from('{"a":1}'), timestampMs: 1_700_000_000_123 },
      { key: null, value: Buffer.from("no key"), timestampMs: 1 },
      { key: Buffer.from("tombstone"), value: null, timestampMs: 2 },
      { key: Buffer.alloc(0), value: Buffer.alloc(0), timestampMs: 3 },
      {
        key: Buffer.from("ключ"),
        value: Buffer.from("значение\n\u0000"),
        timestampMs: 4,
        headers: [
          ["first", Buffer.from("1")],
          ["second", Buffer.alloc(0)],
          ["first", Buffer.from("again")],
        ],
      },
    ];
    await source().append(topic, written);
    const read = await readToEnd(source(), topic);
    const expected = written.map((record, offset) => ({
      offset,
      timestampMs: record.timestampMs,
      key: record.key?.toString() ?? null,
      value: record.value?.toString() ?? null,
      headers: record.headers ?? [],
    }));
    expect(read).toEqual(expected);
  });

  it("reads from any offset, also in the middle of what was written together", async () => {
    const topic = await topicOf();
    await source().append(topic, numbered(10));
    await source().append(topic, numbered(10, 10));
    for (const offset of [0, 1, 9, 10, 11, 19]) {
      const read = await readToEnd(source(), topic, 0, offset);
      expect(read.map((record) => record.offset)).toEqual(Array.from({ length: 20 - offset }, (_, i) => offset + i));
      expect(valuesOf(read)[0]).toBe(`value ${offset}`);
    }
  });

  it("lets several readers go their own ways", async () => {
    const topic = await topicOf();
    for (let i = 0; i < 5; i++) await source().append(topic, numbered(4, i * 4));
    const early = source().openPartition(topic, 0);
    const late = source().openPartition(topic, 0);
    const signal = AbortSignal.timeout(30_000);
    const [first, last] = await Promise.all([
      early.fetch({ offset: 0, maxBytes: 1, waitMs: 1000, signal }),
      late.fetch({ offset: 18, maxBytes: 1 << 20, waitMs: 1000, signal }),
    ]);
    expect(recordsOf(first.batches)[0]?.value).toBe("value 0");
    expect(valuesOf(recordsOf(last.batches))).toEqual(["value 18", "value 19"]);
    await late.close();
    const again = await early.fetch({ offset: first.nextOffset, maxBytes: 1 << 20, waitMs: 1000, signal });
    expect(recordsOf(again.batches)[0]?.offset).toBe(first.nextOffset);
    await early.close();
  });

  it("gives at least one record batch, however small the wish", async () => {
    const topic = await topicOf();
    const large = "x".repeat(300_000);
    await source().append(topic, [plain(large)]);
    await source().append(topic, [plain("small")]);
    const read = await readToEnd(source(), topic, 0, 0, 1);
    expect(valuesOf(read)).toEqual([large, "small"]);
  });

  it("marks the log so that the same place shows the same mark", async () => {
    const topic = await topicOf();
    for (let i = 0; i < 3; i++) await source().append(topic, numbered(3, i * 3));
    const reader = source().openPartition(topic, 0);
    const signal = AbortSignal.timeout(30_000);
    const whole = await reader.fetch({ offset: 0, maxBytes: 1 << 20, waitMs: 1000, signal });
    const mark = whole.batches.at(-1)?.mark;
    expect(mark?.timestampMs).toBe(1008);
    const again = await reader.fetch({ offset: mark?.offset ?? -1, maxBytes: 1, waitMs: 1000, signal });
    expect(again.batches[0]?.mark).toEqual(mark);
    await reader.close();
  });

  it("refuses an offset outside the log", async () => {
    const topic = await topicOf();
    await source().append(topic, numbered(3));
    const reader = source().openPartition(topic, 0);
    const request = { maxBytes: 1 << 20, waitMs: 0, signal: AbortSignal.timeout(30_000) };
    await expect(reader.fetch({ ...request, offset: 1000 })).rejects.toMatchObject({ code: "OFFSET_OUT_OF_RANGE" });
    await reader.close();
  });

  it("reads a large log in order and in bounded pieces", async () => {
    const topic = await topicOf();
    const count = 30_000;
    for (let from = 0; from < count; from += 5000) await source().append(topic, numbered(5000, from));
    const read = await readToEnd(source(), topic);
    expect(read.length).toBe(count);
    expect(read.every((record, i) => record.value === `value ${i}` && record.offset === i)).toBe(true);
  });
}

function waitingTests(source: () => Source, topicOf: TopicOf, open: () => Promise<Source>): void {
  it("waits at the end, and says that it is there", async () => {
    const topic = await topicOf();
    await source().append(topic, numbered(2));
    const reader = source().openPartition(topic, 0);
    const before = performance.now();
    const result = await reader.fetch({ offset: 2, maxBytes: 1 << 20, waitMs: 150, signal: AbortSignal.timeout(30_000) });
    expect(performance.now() - before).toBeGreaterThanOrEqual(100);
    expect(result).toEqual({ batches: [], nextOffset: 2, bounds: { startOffset: 0, endOffset: 2 } });
    await reader.close();
  });

  it("wakes up when records come, from here or from elsewhere", async () => {
    const topic = await topicOf();
    const other = await open();
    const reader = source().openPartition(topic, 0);
    let offset = 0;
    for (const writer of [source(), other]) {
      const before = performance.now();
      const [result] = await Promise.all([
        reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 20_000, signal: AbortSignal.timeout(60_000) }),
        writer.append(topic, [plain(`came at ${offset}`)]),
      ]);
      expect(valuesOf(recordsOf(result.batches))).toEqual([`came at ${offset}`]);
      expect(performance.now() - before).toBeLessThan(10_000);
      offset = result.nextOffset;
    }
    await reader.close();
  });

  it("gives up when told to", async () => {
    const topic = await topicOf();
    const reader = source().openPartition(topic, 0);
    const controller = new AbortController();
    const waiting = reader.fetch({ offset: 0, maxBytes: 1 << 20, waitMs: 20_000, signal: controller.signal });
    const before = performance.now();
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "STOPPED" });
    await expect(reader.fetch({ offset: 0, maxBytes: 1, waitMs: 20_000, signal: controller.signal })).rejects.toMatchObject({
      code: "STOPPED",
    });
    expect(performance.now() - before).toBeLessThan(10_000);
    await reader.close();
  });
}

function appendTests(source: () => Source, topicOf: TopicOf): void {
  it("puts a key where Kafka's default partitioner puts it", async () => {
    const topic = await topicOf(4);
    const keys = Array.from({ length: 60 }, (_, i) => `device-${i % 20}`);
    await source().append(
      topic,
      keys.map((key, i) => plain(String(i), i, key)),
    );
    for (let partition = 0; partition < 4; partition++) {
      const expected = keys.flatMap((key, i) => (partitionForKey(Buffer.from(key), 4) === partition ? [String(i)] : []));
      expect(valuesOf(await readToEnd(source(), topic, partition))).toEqual(expected);
    }
  });

  it("spreads records without a key, and obeys a given partition", async () => {
    const topic = await topicOf(3);
    for (let i = 0; i < 30; i++) await source().append(topic, [plain(`no key ${i}`)]);
    for (let partition = 0; partition < 3; partition++) {
      expect((await readToEnd(source(), topic, partition)).length).toBeGreaterThan(0);
    }
    const { endOffset } = await source().bounds(topic, 2);
    await source().append(topic, [{ ...plain("here", 1, "any key"), partition: 2 }]);
    expect(valuesOf(await readToEnd(source(), topic, 2, endOffset))).toEqual(["here"]);
  });

  it("appends nothing when there is nothing", async () => {
    const topic = await topicOf();
    await source().append(topic, []);
    expect((await source().bounds(topic, 0)).endOffset).toBe(0);
  });
}
