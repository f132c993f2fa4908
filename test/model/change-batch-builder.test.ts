import { describe, expect, it } from "vitest";
import { type ChangeBatch, changeBatchBytes, documentTextOf, idOf, keyOf, Operation } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";

function rowsOf(batch: ChangeBatch): unknown[] {
  return Array.from({ length: batch.count }, (_, row) => [
    batch.operations[row],
    idOf(batch, row),
    batch.versions[row],
    batch.timestampsMs[row],
    batch.causeOffsets[row],
    batch.causeOrdinals[row],
    batch.targets?.[row] ?? null,
    documentTextOf(batch, row),
    keyOf(batch, row)?.toString() ?? null,
  ]);
}

describe("ChangeBatchBuilder", () => {
  it("forgets the changes from a row on, with their targets", () => {
    const builder = new ChangeBatchBuilder();
    const add = (id: string): void => {
      builder.writer.ascii(`{"id":"${id}"}`);
      builder.beginId();
      builder.writer.ascii(id);
      builder.addUpsert(1, 1, 1, 0, `target ${id}`);
    };
    add("a");
    const { byteLength } = builder;
    add("b");
    add("c");
    builder.writer.ascii("half a docum");
    builder.discardFrom(1);
    expect(builder.byteLength).toBe(byteLength);
    builder.writer.ascii("half");
    builder.discardFrom(1);
    add("d");
    const batch = builder.build();
    expect(rowsOf(batch).map((row) => (row as unknown[]).slice(6, 8))).toEqual([
      ["target a", '{"id":"a"}'],
      ["target d", '{"id":"d"}'],
    ]);
  });

  it("keeps document and key of each change apart", () => {
    const builder = new ChangeBatchBuilder();
    builder.writer.ascii('{"a":1}');
    builder.beginId();
    builder.writer.ascii("a");
    builder.addUpsert(10, 1000, 5, 0, null);
    builder.writer.ascii('{"b":2}');
    builder.beginId();
    builder.writer.ascii("b");
    builder.beginKey();
    builder.writer.ascii("key");
    builder.addUpsert(11, 1001, 6, 1, null);
    builder.writer.ascii("half a docum");
    builder.beginId();
    builder.useIdAsKey();
    builder.discard();
    builder.beginId();
    builder.writer.ascii("c");
    builder.addDelete(12, 1002, 7, 0, null);
    builder.beginId();
    builder.writer.ascii("d");
    builder.beginKey();
    builder.addDelete(13, 1003, 8, 0, null);
    builder.writer.ascii('{"e":3}');
    builder.beginId();
    builder.writer.utf8("é");
    builder.useIdAsKey();
    builder.addUpsert(14, 1004, 9, 0, null);
    expect(builder.count).toBe(5);
    const { byteLength } = builder;
    const batch = builder.build();
    expect(changeBatchBytes(batch)).toBe(byteLength);
    expect(batch.targets).toBeNull();
    expect(rowsOf(batch)).toEqual([
      [Operation.upsert, "a", 10, 1000, 5, 0, null, '{"a":1}', null],
      [Operation.upsert, "b", 11, 1001, 6, 1, null, '{"b":2}', "key"],
      [Operation.delete, "c", 12, 1002, 7, 0, null, "", null],
      [Operation.delete, "d", 13, 1003, 8, 0, null, "", ""],
      [Operation.upsert, "é", 14, 1004, 9, 0, null, '{"e":3}', "é"],
    ]);
    expect(builder.count).toBe(0);
  });

  it("grows, and copies rows of another batch", () => {
    const builder = new ChangeBatchBuilder(1);
    for (let i = 0; i < 1000; i++) {
      builder.writer.number(i);
      builder.beginId();
      builder.writer.ascii(`id${i}`);
      if (i % 3 === 1) builder.useIdAsKey();
      if (i % 3 === 0) {
        builder.beginKey();
        builder.writer.ascii(`k${i}`);
      }
      builder.addUpsert(i, i, i, 0, `target-${i % 2}`);
    }
    const whole = builder.build();
    const copy = new ChangeBatchBuilder();
    for (let row = 0; row < 1000; row += 2) copy.addCopy(whole, row);
    expect(rowsOf(copy.build())).toEqual(rowsOf(whole).filter((_, row) => row % 2 === 0));
  });

  it("writes again to the memory of a batch that came back, and to no other", () => {
    const builder = new ChangeBatchBuilder(1);
    const fill = (name: string, rows: number): ChangeBatch => {
      for (let i = 0; i < rows; i++) {
        builder.writer.ascii(`{"${name}":"${"x".repeat(100)}${i}"}`);
        builder.beginId();
        builder.writer.ascii(`${name}${i}`);
        builder.useIdAsKey();
        builder.addUpsert(i, i, i, 0, null);
      }
      return builder.build();
    };
    const first = fill("a", 2000);
    const kept = rowsOf(first);
    const second = fill("b", 3000);
    expect(rowsOf(first)).toEqual(kept);
    const keptSecond = rowsOf(second);
    builder.takeBack(first);
    const third = fill("c", 1500);
    expect(second.bytes === third.bytes).toBe(false);
    const fourth = fill("d", 1500);
    expect(fourth.bytes === first.bytes).toBe(true);
    expect(rowsOf(fourth)).toHaveLength(1500);
    expect(idOf(fourth, 1499)).toBe("d1499");
    expect(rowsOf(second)).toEqual(keptSecond);
    const small = fill("e", 3);
    builder.takeBack(small);
    expect(small.bytes.length).toBeLessThan(500);
    expect(rowsOf(small)).toHaveLength(3);
  });

  it("refuses a batch in which only some changes name their target", () => {
    const builder = new ChangeBatchBuilder();
    builder.beginId();
    builder.addDelete(1, 1, 1, 0, "t");
    builder.beginId();
    builder.addDelete(1, 1, 1, 0, null);
    expect(() => builder.build()).toThrow(/target/);
  });
});
