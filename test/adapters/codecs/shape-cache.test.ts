import { describe, expect, it } from "vitest";
import { FieldDecoder } from "../../../src/adapters/codecs/field-decoder.ts";
import type { ShapeCounters } from "../../../src/adapters/codecs/json/shape-cache.ts";
import { LIMITS } from "../../../src/limits.ts";
import { Tag } from "../../../src/model/column-batch.ts";
import { slicesOf, valueField } from "./decoded-cells.ts";

/** Decodes documents in batches of 1,000, of which the needed field "id" is the given number, and counts on. */
class Feed {
  private readonly decoder = new FieldDecoder({ valueFormat: "json", keyFormat: "none", fields: [valueField("id"), valueField("a", "b")] });

  get counters(): ShapeCounters {
    return this.decoder.shapeCounters as ShapeCounters;
  }

  /** What was counted for these documents alone. */
  feed(count: number, document: (i: number) => string): Omit<ShapeCounters, "left"> {
    const before = { ...this.counters };
    for (let from = 0; from < count; from += 1000) {
      const rows = Math.min(1000, count - from);
      const batch = this.decoder.decode(slicesOf(Array.from({ length: rows }, (_, i) => Buffer.from(document(from + i)))));
      for (let row = 0; row < rows; row++) {
        const [id, b] = batch.columns.map(({ tags, numbers }) => (tags[row] === Tag.number ? numbers[row] : tags[row]));
        if (id !== from + row || (b !== Tag.absent && b !== from + row)) expect.fail(`${document(from + row)}: ${id}, ${b}`);
      }
    }
    const { taken, missed, paused, learned } = this.counters;
    return {
      taken: taken - before.taken,
      missed: missed - before.missed,
      paused: paused - before.paused,
      learned: learned - before.learned,
    };
  }
}

describe("shape cache", () => {
  it("keeps several shapes, in whatever order they come", () => {
    const feed = new Feed();
    const members = ["", ',"x":1', ',"y":"z"', ',"a":{"b":7}', ',"a":[]', ',"x":{"y":1}'];
    const document = (i: number): string => `{"id":${i}${(members[((i * i) % 7) % members.length] as string).replace("7", String(i))}}`;
    const { taken, learned, missed } = feed.feed(5000, document);
    expect(taken + missed).toBe(5000);
    expect(missed).toBe(learned);
    expect(learned).toBeLessThanOrEqual(members.length);
  });

  it("shares code between decoders, each of which fills its own columns", () => {
    const [one, other] = [new Feed(), new Feed()];
    for (const feed of [one, other, one, other]) feed.feed(2000, (i) => `{"id":${i},"a":{"b":${i}}}`);
    expect(other.feed(1000, (i) => `{"id":${i},"a":{"b":${i}}}`)).toMatchObject({ taken: 1000, missed: 0 });
    expect(one.counters).toMatchObject({ taken: 3999, missed: 1, learned: 1 });
    expect(other.counters).toMatchObject({ taken: 4999, missed: 1, learned: 1 });
  });

  it("learns no more shapes than rows pay for, and gives up for a while", () => {
    const feed = new Feed();
    const strange = feed.feed(20_000, (i) => `{"name${i}":0,"id":${i}}`);
    expect(strange.taken).toBe(0);
    expect(strange.paused).toBeGreaterThan(19_000);
    expect(strange.learned).toBeLessThanOrEqual(LIMITS.shapesMax + 2);
    // When the pause ends, what is of one shape is learned at once.
    expect(feed.feed(20_000, (i) => `{"id":${i}}`)).toMatchObject({ missed: 1, learned: 1 });
    expect(feed.feed(5000, (i) => `{"id":${i}}`)).toMatchObject({ taken: 5000 });
  });

  it("goes without shapes longer each time that they do not pay", () => {
    const feed = new Feed();
    const count = 100_000;
    const { missed, paused, learned } = feed.feed(count, (i) => `{"name${i}":0,"id":${i}}`);
    expect(missed + paused).toBe(count);
    expect(missed).toBeLessThan(count / 50);
    expect(learned).toBeLessThan(LIMITS.shapesMax + 6);
  });

  it("forgets the shape that has not fitted for longest", () => {
    const feed = new Feed();
    const shape = (k: number) => (i: number) => `{"n${k}":0,"id":${i}}`;
    for (let k = 0; k < LIMITS.shapesMax; k++) expect(feed.feed(10, shape(k))).toMatchObject({ learned: 1 });
    feed.feed(LIMITS.shapeRows, shape(0));
    expect(feed.feed(10, shape(100))).toMatchObject({ learned: 1 });
    expect(feed.feed(10, shape(0))).toMatchObject({ taken: 10 });
    expect(feed.feed(10, shape(1))).toMatchObject({ taken: 0 });
    expect(feed.feed(10, shape(2))).toMatchObject({ taken: 10 });
  });

  it("takes an object without needed members for one value once two documents differ in it alone", () => {
    const feed = new Feed();
    const counts = feed.feed(3000, (i) => `{"id":${i},"labels":{"key${i}":"v","other":{"${i}":1}},"a":{"b":${i}}}`);
    expect(counts).toEqual({ taken: 2998, missed: 2, paused: 0, learned: 2 });
  });

  it("has shapes of documents with more members than code is made for, but not of any number", () => {
    const many = (count: number) => (i: number) => {
      const members = Array.from({ length: count }, (_, k) => `"member ${k}":${k % 2 === 0 ? `"text ${i}"` : i / 4}`);
      return `{${members.join(",")},"id":${i}}`;
    };
    expect(new Feed().feed(1000, many(LIMITS.shapeValuesMax - 1))).toMatchObject({ taken: 999, learned: 1 });
    expect(new Feed().feed(1000, many(LIMITS.shapeValuesMax))).toMatchObject({ taken: 0, learned: 0 });
    const long = (i: number): string => `{"${"x".repeat(LIMITS.shapeLiteralBytesMax)}":0,"id":${i}}`;
    expect(new Feed().feed(100, long)).toMatchObject({ taken: 0, learned: 0 });
  });

  it("goes on while some documents are broken or null", () => {
    const decoder = new FieldDecoder({ valueFormat: "json", keyFormat: "none", fields: [valueField("id")] });
    const documents = Array.from({ length: 1000 }, (_, i) => (i % 10 === 3 ? null : Buffer.from(i % 10 === 7 ? '{"id":1' : `{"id":${i}}`)));
    const batch = decoder.decode(slicesOf(documents));
    expect([...batch.conditions.subarray(0, 10)]).toEqual([0, 0, 0, 2, 0, 0, 0, 1, 0, 0]);
    expect(decoder.shapeCounters).toMatchObject({ taken: 799, missed: 101, learned: 1 });
  });
});
