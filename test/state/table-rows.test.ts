import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import type { Value } from "../../src/model/value.ts";
import { Brought } from "../../src/plan/code/task.ts";
import { PayloadReader, PayloadWriter } from "../../src/state/payload.ts";
import { TableRows } from "../../src/state/table-rows.ts";
import { SeededRandom, seeds } from "../property/random.ts";

const AGGREGATES = 2;

/** What stands for a key: its group, and what it has brought. */
type Model = Map<string, { readonly group: number; readonly brought: readonly (Value | undefined)[] }>;

const bytesOf = (key: string): Buffer => Buffer.from(key);

function put(rows: TableRows, key: string, group: number, brought: readonly (Value | undefined)[]): void {
  const bytes = bytesOf(key);
  const place = rows.put(bytes, 0, bytes.length, group) * AGGREGATES;
  brought.forEach((value, index) => {
    rows.forget(place + index);
    if (typeof value === "number") {
      rows.brought[place + index] = Brought.number;
      rows.numbers[place + index] = value;
    } else if (value !== undefined) rows.keep(place + index, value);
  });
}

function contents(rows: TableRows, keys: Iterable<string>): Model {
  const found: Model = new Map();
  for (const key of keys) {
    const bytes = bytesOf(key);
    const row = rows.find(bytes, 0, bytes.length);
    if (row < 0) continue;
    const brought = Array.from({ length: AGGREGATES }, (_, index): Value | undefined => {
      const place = row * AGGREGATES + index;
      if (rows.brought[place] === Brought.number) return must(rows.numbers[place]);
      return rows.brought[place] === Brought.value ? rows.values[place] : undefined;
    });
    found.set(key, { group: must(rows.groups[row]) - 1, brought });
  }
  return found;
}

const groupText = (group: number): Buffer => Buffer.from(`g${group}`);
const groupOf = (text: Uint8Array): number => Number(Buffer.from(text).toString().slice(1));

function payloadOf(rows: TableRows, all: boolean): PayloadReader {
  const writer = new PayloadWriter(16);
  rows.write(writer, all, groupText);
  return new PayloadReader(writer.take());
}

describe("rows of a table", () => {
  it.each(seeds([], 8))("are what was put and is not gone, also after restarts from a snapshot and deltas: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const keys = Array.from({ length: 1 + random.below(600) }, (_, index) => `key ${index}`);
    const value = (): Value | undefined => random.pick([undefined, random.below(99) / 4, 2n ** 60n, ["a", random.below(9), null], "text"]);
    let rows = new TableRows(AGGREGATES);
    let behind = new TableRows(AGGREGATES);
    const model: Model = new Map();
    for (let step = 0; step < 3000; step++) {
      const key = random.pick(keys);
      const bytes = bytesOf(key);
      if (random.chance(0.4)) {
        const row = rows.find(bytes, 0, bytes.length);
        expect(row >= 0).toBe(model.has(key));
        if (row >= 0) rows.remove(row);
        model.delete(key);
      } else {
        const given = { group: random.below(5), brought: [value(), value()] };
        put(rows, key, given.group, given.brought);
        model.set(key, given);
      }
      if (random.chance(0.02)) behind.read(payloadOf(rows, false), groupOf);
      if (!random.chance(0.005)) continue;
      behind.read(payloadOf(rows, false), groupOf);
      expect(contents(behind, keys)).toEqual(contents(rows, keys));
      rows = new TableRows(AGGREGATES);
      rows.read(payloadOf(behind, true), groupOf);
      behind = new TableRows(AGGREGATES);
      behind.read(payloadOf(rows, true), groupOf);
    }
    expect(contents(rows, keys)).toEqual(model);
  });

  it("give back the memory of those that went, once a barrier has said so", () => {
    const rows = new TableRows(AGGREGATES);
    const sizes: number[] = [];
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 1000; index++) put(rows, `key ${round} ${index}`, 0, [1, "x".repeat(100)]);
      for (let index = 0; index < 1000; index++) {
        const bytes = bytesOf(`key ${round} ${index}`);
        rows.remove(rows.find(bytes, 0, bytes.length));
      }
      payloadOf(rows, false);
      expect(rows.count).toBe(0);
      sizes.push(rows.byteLength);
    }
    expect(must(sizes.at(-1))).toBeLessThan(must(sizes[2]) * 2);
  });
});
