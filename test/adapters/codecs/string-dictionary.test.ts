import { describe, expect, it } from "vitest";
import { StringDictionary } from "../../../src/adapters/codecs/string-dictionary.ts";
import { LIMITS } from "../../../src/limits.ts";
import { SeededRandom, seeds } from "../../property/random.ts";

/** Gives the texts to the dictionary as one batch: their ids, or null where it rests. */
function batch(dictionary: StringDictionary, texts: readonly string[]): number[] | null {
  const bytes = Buffer.from(texts.join(""));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!dictionary.beginBatch(bytes, view, texts.length)) return null;
  let end = 0;
  return texts.map((text) => {
    const start = end;
    end += Buffer.byteLength(text);
    return dictionary.idOf(start, end);
  });
}

const texts = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

describe("string dictionary", () => {
  it.each(seeds([], 3))("numbers strings as a map would (SEED=%i)", (seed) => {
    const random = new SeededRandom(seed);
    const dictionary = new StringDictionary();
    const known = new Map<string, number>();
    for (let round = 0; round < 20; round++) {
      const some = Array.from({ length: 3000 }, () => "é0123456789".repeat(3).slice(0, random.below(20)) + random.below(2000));
      for (const text of some) if (!known.has(text)) known.set(text, known.size);
      expect(batch(dictionary, some)).toEqual(some.map((text) => known.get(text)));
    }
    expect(dictionary.size).toBe(known.size);
    expect(known.size).toBeGreaterThan(10_000);
  });

  it("tells strings apart by length and by any byte", () => {
    const lengths = Array.from({ length: 20 }, (_, length) => length);
    const changed = (text: string): string[] => [...text].map((_, at) => `${text.slice(0, at)}z${text.slice(at + 1)}`);
    const all = lengths.map((length) => "abcdefghijklmnopqrst".slice(0, length)).flatMap((text) => [text, ...changed(text)]);
    const dictionary = new StringDictionary();
    for (let round = 0; round < 2; round++) expect(batch(dictionary, [...all, "x".repeat(100_000)])).toEqual([...all.keys(), all.length]);
  });

  it("tells strings of the same hash apart", () => {
    // Of so many, about ten pairs have the same 32 bits.
    const many = texts("device ", 300_000);
    const dictionary = new StringDictionary();
    expect(batch(dictionary, many)?.every((id, i) => id === i)).toBe(true);
    expect(dictionary.size).toBe(many.length);
  });

  it("begins anew, in another epoch, when it is full of strings that repeat", () => {
    const dictionary = new StringDictionary();
    const { epoch } = dictionary;
    const many = texts("device-", LIMITS.dictionaryEntriesMax);
    for (let round = 0; round < 9; round++) batch(dictionary, many);
    expect(batch(dictionary, ["one more", "and another"])).toEqual([many.length, many.length + 1]);
    expect(dictionary.epoch).toBe(epoch);
    expect(batch(dictionary, ["device-7", "one more", "device-7"])).toEqual([0, 1, 0]);
    expect(dictionary.epoch).toBeGreaterThan(epoch);
    expect(dictionary.size).toBe(2);
  });

  it("rests for a while when it is full of strings that do not repeat", () => {
    const dictionary = new StringDictionary();
    const { epoch } = dictionary;
    const rows = 10_000;
    let given = 0;
    while (batch(dictionary, texts(`${given}-`, rows)) !== null) given += rows;
    expect(given).toBeGreaterThan(LIMITS.dictionaryEntriesMax);
    expect(given).toBeLessThanOrEqual(LIMITS.dictionaryEntriesMax + rows);
    let rested = 0;
    while (batch(dictionary, texts("x", rows)) === null) rested += rows;
    expect(rested).toBe(LIMITS.dictionaryRestRows);
    expect(dictionary.epoch).toBeGreaterThan(epoch);
    expect(dictionary.size).toBe(rows);
  });

  it("is full by bytes too", () => {
    const dictionary = new StringDictionary();
    expect(batch(dictionary, ["x".repeat(LIMITS.dictionaryBytesMax), "y"])).toEqual([0, 1]);
    expect(batch(dictionary, ["y"])).toBeNull();
  });

  it("shares no epoch with another", () => {
    expect(new StringDictionary().epoch).not.toBe(new StringDictionary().epoch);
  });
});
