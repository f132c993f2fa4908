import { describe, expect, it } from "vitest";
import { Tag } from "../../src/model/column-batch.ts";
import { GroupKeys } from "../../src/state/group-keys.ts";
import { SeededRandom, seeds } from "../property/random.ts";

/** Texts between quotes, one behind the other, as a decoder sees them: `starts` and `ends` without the quotes. */
function columnOf(texts: readonly (string | null)[]) {
  const bytes = Buffer.from(texts.map((text) => JSON.stringify(text)).join(""));
  const tags = Uint8Array.from(texts, (text) => (text === null ? Tag.null : Tag.string));
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  let at = 0;
  texts.forEach((text, row) => {
    const length = Buffer.byteLength(JSON.stringify(text));
    starts[row] = at + 1;
    ends[row] = at + length - 1;
    at += length;
  });
  return { bytes, tags, starts, ends };
}

describe("keys looked up for a whole batch", () => {
  it.each(seeds([], 8))("are those that are found one by one, and unknown ones are none: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const keys = new GroupKeys(1);
    const idOf = new Map<string, number>();
    for (let round = 0; round < 20; round++) {
      // Of all lengths from none up, many with the same beginning.
      const texts = Array.from({ length: 200 }, () => {
        if (random.chance(0.1)) return null;
        return `device-${"é".repeat(random.below(3))}${random.below(400)}`.slice(random.below(9));
      });
      const { bytes, tags, starts, ends } = columnOf(texts);
      const from = random.below(50);
      const found = keys.lookUp(bytes, tags, starts, ends, from, texts.length);
      for (let row = from; row < texts.length; row++) {
        const text = texts[row] as string | null;
        expect(found[row], `row ${row}, ${text}`).toBe(text === null ? -1 : (idOf.get(text) ?? -1));
      }
      texts.forEach((text, row) => {
        if (text === null || idOf.has(text) || random.chance(0.5)) return;
        const id = keys.intern(bytes, (starts[row] as number) - 1, (ends[row] as number) + 1);
        keys.retain(id);
        idOf.set(text, id);
      });
      for (const [text, id] of idOf) {
        if (!random.chance(0.2)) continue;
        keys.release(id);
        idOf.delete(text);
      }
      keys.sweep();
    }
  });
});
