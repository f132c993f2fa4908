import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { partitionForKey } from "../../src/adapters/codecs/murmur2.ts";
import { must } from "../../src/assert.ts";
import { readOriginHeader } from "../../src/model/origin-header.ts";
import { encodeHeaders } from "../../src/model/record-headers.ts";
import { NO_OPTIONS } from "../../src/model/target-options.ts";
import { INT, STRING } from "../../src/model/type.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { Outcome, type RouteTarget, type Sink } from "../../src/ports/sink.ts";
import type { Source } from "../../src/ports/source.ts";
import { batchOf, ORIGIN, routeTo, settle, type TestChange, write } from "./changes.ts";
import { freshName } from "./names.ts";
import { type LogRecord, readToEnd } from "./read-log.ts";

export interface TopicSinkDriver {
  readonly connection: Connection;
  close(): Promise<void>;
}

function originOf(record: LogRecord): unknown {
  const block = encodeHeaders(record.headers);
  return readOriginHeader(block, 0, block.length);
}

/** The contract of `src/ports/sink.ts` for topics: what is read back is what was sent. */
export function topicSinkSuite(name: string, makeDriver: () => Promise<TopicSinkDriver>): void {
  describe(`${name} as a sink for topics`, () => {
    let driver: TopicSinkDriver;
    let source: Source;
    const sinks: Sink[] = [];

    beforeAll(async () => {
      driver = await makeDriver();
      source = must(driver.connection.source, "source");
    });
    afterAll(async () => {
      for (const sink of sinks) await sink.close();
      await driver.close();
    });

    const open = async (more: Partial<RouteTarget> = {}): Promise<{ sink: Sink; topic: string }> => {
      const topic = freshName("sink");
      const sink = await driver.connection.openSink(routeTo(driver.connection.config.name, "topic", topic, { partitions: 1, ...more }));
      sinks.push(sink);
      return { sink, topic };
    };

    it("makes records of a stream, with key, document, time and origin", async () => {
      const { sink, topic } = await open();
      const outcomes = await settle(sink, [
        { upsert: { id: "a", reading: 1.5, label: "é" }, version: 1000 },
        { upsert: { id: "b" }, version: 1001 },
      ]);
      expect(outcomes).toEqual([Outcome.written, Outcome.written]);
      const records = await readToEnd(source, topic);
      expect(records.map(({ key, value, timestampMs }) => [key, value, timestampMs])).toEqual([
        ["a", '{"id":"a","reading":1.5,"label":"é"}', 1_700_000_000_000],
        ["b", '{"id":"b"}', 1_700_000_000_001],
      ]);
      expect(records.map(originOf)).toEqual([
        { ...ORIGIN, place: { kind: "position", causeOffset: 0, causeOrdinal: 0 } },
        { ...ORIGIN, place: { kind: "position", causeOffset: 1, causeOrdinal: 0 } },
      ]);
    });

    it("makes records of a table: versions, and null values for deletes", async () => {
      const { sink, topic } = await open({ topicReading: "table" });
      await settle(sink, [
        { upsert: { id: "a", reading: 1 }, version: 1000 },
        { delete: "a", version: 1001 },
      ]);
      const records = await readToEnd(source, topic);
      expect(records.map(({ key, value }) => [key, value])).toEqual([
        ["a", '{"id":"a","reading":1}'],
        ["a", null],
      ]);
      expect(records.map(originOf)).toEqual([1000, 1001].map((version) => ({ ...ORIGIN, place: { kind: "version", version } })));
    });

    it("makes the topic with as many partitions as asked, and keeps a key's order in one of them", async () => {
      const { sink, topic } = await open({ partitions: 3 });
      expect((await source.describeTopic(topic))?.partitions).toBe(3);
      const changes: TestChange[] = Array.from({ length: 60 }, (_, i) => ({
        upsert: { id: `key ${i % 10}`, reading: i },
        version: 1000 + i,
      }));
      await settle(sink, changes);
      for (let partition = 0; partition < 3; partition++) {
        const expected = changes.flatMap((change) =>
          "upsert" in change && partitionForKey(Buffer.from(change.upsert.id), 3) === partition ? [JSON.stringify(change.upsert)] : [],
        );
        expect((await readToEnd(source, topic, partition)).map((record) => record.value)).toEqual(expected);
      }
    });

    it("sends a repeat of a record without a key to the partition of the first time, where its readers look for it", async () => {
      const { sink, topic } = await open({ partitions: 3 });
      const changes: TestChange[] = Array.from({ length: 20 }, (_, i) => ({ upsert: { id: `${i}` }, version: 1000 + i }));
      const whole = batchOf(changes);
      const keyless = { ...whole, keyStarts: whole.keyStarts.map(() => -1) };
      const { signal } = new AbortController();
      await sink.write(keyless, ORIGIN, signal);
      const partition = async (number: number): Promise<readonly unknown[]> => (await readToEnd(source, topic, number)).map(originOf);
      const first = [await partition(0), await partition(1), await partition(2)];
      expect(first.map((origins) => origins.length).sort()).toEqual([6, 7, 7]);
      const cut = { ...keyless, count: 7 };
      await sink.write(cut, ORIGIN, signal);
      for (const [number, origins] of first.entries()) {
        const repeats = (await partition(number)).slice(origins.length);
        expect(origins.slice(0, repeats.length)).toEqual(repeats);
      }
    });

    it("lays records out as the target says, and refuses what the format cannot hold", async () => {
      const columns = [
        { name: "label", type: STRING },
        { name: "reading", type: INT },
      ];
      const layout = { key: null, value: { format: "delimited", columns, delimiter: ";" } } as const;
      const { sink, topic } = await open({ options: { ...NO_OPTIONS, layout } });
      const { outcomes, errors } = await write(sink, [
        { upsert: { id: "a", reading: 1, label: "x;y" }, version: 1000 },
        { upsert: { id: "b", reading: 1.5 }, version: 1001 },
        { upsert: { id: "c", label: "" }, version: 1002 },
        { delete: "a", version: 1003 },
      ]);
      expect([...outcomes]).toEqual([Outcome.written, Outcome.rejected, Outcome.written, Outcome.written]);
      expect([...errors]).toEqual([[1, { code: "CHANGE_REJECTED", message: `column 'reading': "1.5" is no INT` }]]);
      expect((await readToEnd(source, topic)).map(({ key, value }) => [key, value])).toEqual([
        ["a", '"x;y";1'],
        ["c", '"";'],
        ["a", null],
      ]);
    });

    it("writes a batch larger than one request", async () => {
      const { sink, topic } = await open();
      const label = "x".repeat(400);
      const changes: TestChange[] = Array.from({ length: 10_000 }, (_, i) => ({
        upsert: { id: `${i}`, reading: i, label },
        version: 1000 + i,
      }));
      await settle(sink, changes);
      expect((await readToEnd(source, topic)).map((record) => record.key)).toEqual(changes.map((_, i) => `${i}`));
    });
  });
}
