import { describe, expect, it } from "vitest";
import { type ChangeBatch, changeBatchBytes, documentTextOf, keyOf, Operation } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";

function rowsOf(batch: ChangeBatch): unknown[] {
  return batch.ids.map((id, row) => [
    batch.operations[row],
    id,
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
  it("keeps document and key of each change apart", () => {
    const builder = new ChangeBatchBuilder();
    builder.writer.ascii('{"a":1}');
    builder.addUpsert("a", 10, 1000, 5, 0, null);
    builder.writer.ascii('{"b":2}');
    builder.beginKey();
    builder.writer.ascii("key");
    builder.addUpsert("b", 11, 1001, 6, 1, null);
    builder.writer.ascii("half a docum");
    builder.beginKey();
    builder.discard();
    builder.addDelete("c", 12, 1002, 7, 0, null);
    builder.beginKey();
    builder.addDelete("d", 13, 1003, 8, 0, null);
    expect(builder.count).toBe(4);
    const { byteLength } = builder;
    const batch = builder.build();
    expect(changeBatchBytes(batch)).toBe(byteLength);
    expect(batch.targets).toBeNull();
    expect(rowsOf(batch)).toEqual([
      [Operation.upsert, "a", 10, 1000, 5, 0, null, '{"a":1}', null],
      [Operation.upsert, "b", 11, 1001, 6, 1, null, '{"b":2}', "key"],
      [Operation.delete, "c", 12, 1002, 7, 0, null, "", null],
      [Operation.delete, "d", 13, 1003, 8, 0, null, "", ""],
    ]);
    expect(builder.count).toBe(0);
  });

  it("grows, and copies rows of another batch", () => {
    const builder = new ChangeBatchBuilder(1);
    for (let i = 0; i < 1000; i++) {
      builder.writer.number(i);
      if (i % 3 === 0) {
        builder.beginKey();
        builder.writer.ascii(`k${i}`);
      }
      builder.addUpsert(`id${i}`, i, i, i, 0, `target-${i % 2}`);
    }
    const whole = builder.build();
    const copy = new ChangeBatchBuilder();
    for (let row = 0; row < 1000; row += 2) copy.addCopy(whole, row);
    expect(rowsOf(copy.build())).toEqual(rowsOf(whole).filter((_, row) => row % 2 === 0));
  });

  it("refuses a batch in which only some changes name their target", () => {
    const builder = new ChangeBatchBuilder();
    builder.addDelete("a", 1, 1, 1, 0, "t");
    builder.addDelete("b", 1, 1, 1, 0, null);
    expect(() => builder.build()).toThrow(/target/);
  });
});
