import { describe, expect, it } from "vitest";
import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { SlicesBuilder } from "../../src/adapters/codecs/slices-builder.ts";
import { must } from "../../src/assert.ts";
import type { FieldPath } from "../../src/model/column-batch.ts";
import { GatheredColumn } from "../../src/state/gathered-column.ts";
import { PayloadReader, PayloadWriter } from "../../src/state/payload.ts";
import { RowStore } from "../../src/state/row-store.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { cellsOf, cellText, NOTHING, SIDE_COLUMNS, SIDE_FIELDS, type SideRecord, SideSource } from "./operators/side-records.ts";

const source = new SideSource(true);

function randomRecord(random: SeededRandom, sequence: number): SideRecord {
  const texts = ['"plain"', '"es\\ncaped \\u00e9"', "12345678901234567890", '{"y":\n[1,"é"]}', "[]", "1.50", "-0", "false", "null", '""'];
  const long = `"${"long ".repeat(random.below(500))}"`;
  const members = ["k", "f", "n", "x"].flatMap((name) => (random.chance(0.8) ? [`"${name}":${random.pick([...texts, long])}`] : []));
  const key = random.chance(0.1) ? null : random.pick(["a", 'q"1', "é", ""]);
  return { side: 0, sequence, offset: sequence, timeMs: random.below(1000), key, value: `{${members.join(",")}}` };
}

function cellsOfRows(store: RowStore, rowIds: readonly number[]): readonly (readonly string[])[] {
  const columns = SIDE_FIELDS.map((field) => new GatheredColumn(field));
  for (const column of columns) column.reserve(rowIds.length);
  store.gather(Int32Array.from(rowIds), 0, rowIds.length, columns);
  return rowIds.map((_, row) => columns.map((column) => cellText(column, row)));
}

function add(store: RowStore, record: SideRecord): number {
  const { batch, coordinates } = source.rows([record], () => false);
  const rowId = store.add(batch.columns, 0);
  must(store.extras[0])[rowId] = must(must(coordinates[0])[0]);
  return rowId;
}

describe("a row store", () => {
  it.each(seeds([], 3))("gives the cells that it was given, whatever came and went: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    let store = new RowStore(SIDE_COLUMNS, 1);
    const kept = new Map<number, SideRecord>();
    let largest = 0;
    for (let step = 0; step < 3000; step++) {
      const grows = Math.floor(step / 700) % 2 === 0;
      if (random.chance(grows ? 0.8 : 0.25) || kept.size === 0) {
        const record = randomRecord(random, step);
        const rowId = add(store, record);
        expect(kept.has(rowId)).toBe(false);
        kept.set(rowId, record);
      } else {
        const [rowId, record] = random.pick([...kept]);
        store.free(rowId);
        kept.delete(rowId);
        expect(store.isKept(rowId)).toBe(false);
        expect(cellsOfRows(store, [rowId, -1])).toEqual([cellsOf(record), NOTHING[0]]);
      }
      if (random.chance(0.1)) store.sweep();
      largest = Math.max(largest, store.byteLength);
      if (step % 1500 === 1499) {
        const all = [...kept];
        expect(
          cellsOfRows(
            store,
            all.map(([rowId]) => rowId),
          ),
        ).toEqual(all.map(([, record]) => cellsOf(record)));
        expect(all.map(([rowId]) => must(store.extras[0])[rowId])).toEqual(all.map(([, { offset }]) => offset));
        expect(store.count).toBe(kept.size);
        const writer = new PayloadWriter(16);
        for (const [rowId] of all) store.writeRow(writer, rowId);
        const reader = new PayloadReader(Buffer.from(writer.take()));
        store = new RowStore(SIDE_COLUMNS, 1);
        kept.clear();
        for (const [, record] of all) kept.set(store.readRow(reader), record);
      }
    }
    for (const rowId of kept.keys()) store.free(rowId);
    store.sweep();
    expect(largest).toBeGreaterThan(500_000);
    expect(store.byteLength).toBeLessThan(100_000);
  });

  it("leaves what was gathered as it is, while rows go and others come", () => {
    const store = new RowStore(SIDE_COLUMNS, 1);
    const random = new SeededRandom(7);
    const record = randomRecord(random, 1);
    const rowId = add(store, record);
    const columns = SIDE_FIELDS.map((field) => new GatheredColumn(field));
    for (const column of columns) column.reserve(1);
    store.gather(Int32Array.of(rowId), 0, 1, columns);
    store.free(rowId);
    for (let round = 0; round < 3000; round++) {
      const other = add(store, randomRecord(random, round));
      if (round % 3 > 0) store.free(other);
      if (round % 5 === 0) store.sweep();
    }
    expect(columns.map((column) => cellText(column, 0))).toEqual(cellsOf(record));
  });

  it("keeps the texts of fields once where it keeps the whole document", () => {
    const fields: readonly FieldPath[] = [["a"], [], ["b", "c"], ["d"]].map((path) => ({ root: "value", path }));
    const documents = ['{"a":"x\\n","b":{"c":1.50},"d":[1]}', '{"d":null}', "[1]", '{"a":12345678901234567890}', '"text"'];
    const builder = new SlicesBuilder("t", 0);
    for (const [row, text] of documents.entries()) builder.append(row, row, null, Buffer.from(text.padEnd(300)), null);
    const [slices] = builder.build(documents.length);
    const { columns } = createDecoder({ valueFormat: "json", keyFormat: "none", fields, interned: [] }).decode(must(slices));
    const store = new RowStore([0, 1, 2, 3], 0);
    const onlyWhole = new RowStore([1], 0);
    const sizes = [store, onlyWhole].map((one) => {
      const writer = new PayloadWriter(16);
      for (let row = 0; row < documents.length; row++) one.writeRow(writer, one.add(columns, row));
      return writer.take().length;
    });
    const gathered = fields.map((field) => new GatheredColumn(field));
    for (const column of gathered) column.reserve(documents.length);
    store.gather(Int32Array.from(documents.keys()), 0, documents.length, gathered);
    for (let row = 0; row < documents.length; row++) {
      expect(gathered.map((column) => cellText(column, row))).toEqual(columns.map((column) => cellText(column, row)));
    }
    // Three more cells for each row, and nothing else.
    expect(must(sizes[0]) - must(sizes[1])).toBe(documents.length * 3 * 16);
  });
});
