import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChangeBatch, documentTextOf, idOf, keyOf, Operation } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";
import { latestPerId } from "../../src/runtime/feeds/latest-per-id.ts";

const anyChange = fc.record({
  id: fc.constantFrom("", "a", "b", "ab", "é", "x".repeat(60)),
  deletes: fc.boolean(),
  target: fc.nat({ max: 1 }),
});

type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;

function batchOf(changes: readonly Change[], isDated: boolean): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  for (const [row, { id, deletes, target }] of changes.entries()) {
    if (!deletes) builder.writer.ascii(`{"row":${row}}`);
    builder.beginId();
    builder.writer.utf8(id);
    if (row % 2 === 0) builder.useIdAsKey();
    const name = isDated ? `t-${target}` : null;
    if (deletes) builder.addDelete(row, row * 2, row * 3, row % 4, name);
    else builder.addUpsert(row, row * 2, row * 3, row % 4, name);
  }
  return builder.build();
}

function rowsOf(batch: ChangeBatch): unknown[] {
  return Array.from({ length: batch.count }, (_, row) => ({
    id: idOf(batch, row),
    target: batch.targets?.[row] ?? null,
    deletes: batch.operations[row] === Operation.delete,
    numbers: [batch.versions[row], batch.timestampsMs[row], batch.causeOffsets[row], batch.causeOrdinals[row]],
    document: documentTextOf(batch, row),
    key: keyOf(batch, row)?.toString() ?? null,
  }));
}

describe("latestPerId", () => {
  it("keeps the last change of each id at each target, in their order, deletes too", () => {
    fc.assert(
      fc.property(fc.array(anyChange, { maxLength: 60 }), fc.boolean(), (changes, isDated) => {
        const placeOf = ({ id, target }: Change): string => `${isDated ? target : ""} ${id}`;
        const isLast = (change: Change, row: number): boolean =>
          changes.findLastIndex((other) => placeOf(other) === placeOf(change)) === row;
        const expected = rowsOf(batchOf(changes, isDated)).filter((_, row) => isLast(changes[row] as Change, row));
        expect(rowsOf(latestPerId(batchOf(changes, isDated)))).toEqual(expected);
      }),
    );
  });

  it("leaves a batch alone in which no id comes twice", () => {
    const batch = batchOf(
      [
        { id: "a", deletes: false, target: 0 },
        { id: "b", deletes: true, target: 0 },
      ],
      false,
    );
    expect(latestPerId(batch)).toBe(batch);
  });
});
