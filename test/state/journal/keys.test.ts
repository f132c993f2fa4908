import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBlobIds } from "../../../src/state/journal/blob.ts";
import { blobKey, generationKey, noteKey, parseJournalKey } from "../../../src/state/journal/keys.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
/** Any UTF-16 code units, well formed or not, those with a meaning in keys more often. */
const names = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0x25, 0x7c, 0x30)), { maxLength: 8 })
  .map((units) => String.fromCharCode(...units));
const counts = fc.oneof(fc.nat(12), fc.maxSafeNat());
const ids = fc.record({ generation: counts, sequence: counts });

describe(`journal keys (seed ${seed})`, () => {
  it("say what a record is, whatever the statement's name", () => {
    fc.assert(
      fc.property(names, ids, fc.nat(999_999), (statement, id, chunk) => {
        const key = blobKey(statement, id, chunk);
        expect(parseJournalKey(key)).toEqual({ kind: "blob", statement, id, chunk });
        expect(key).toMatch(/^[\x20-\x7e]+$/);
        expect(parseJournalKey(noteKey(id.generation, id.sequence))).toEqual({ kind: "note", ...id });
        expect(parseJournalKey(generationKey(id.generation, id.sequence))).toEqual({ kind: "generation", ...id });
      }),
      { seed },
    );
  });

  it("sort as the blobs of a statement do", () => {
    fc.assert(
      fc.property(names, ids, ids, (statement, left, right) => {
        const [leftKey, rightKey] = [blobKey(statement, left, 0), blobKey(statement, right, 0)];
        expect(Math.sign(compareBlobIds(left, right))).toBe(leftKey < rightKey ? -1 : leftKey > rightKey ? 1 : 0);
      }),
      { seed },
    );
  });

  it("leaves keys of others alone", () => {
    const foreign = ["", "claim|a", "blob|a|b|1|2|3", "blob|%zzzz|0000000000000001|0000000000000001|000000", "note|1|2", "notes|0"];
    for (const key of foreign) expect(parseJournalKey(key)).toBeNull();
  });
});
