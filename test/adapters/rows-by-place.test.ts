import fc from "fast-check";
import { expect, it } from "vitest";
import { rowsByPlace } from "../../src/adapters/rows-by-place.ts";

it("keeps the rows of each place in their order, and leaves out those of none", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1, max: 4 })), (placeOf) => {
      const rows = rowsByPlace(Int32Array.from(placeOf), 5);
      expect(rows.map((ofOne) => [...ofOne])).toEqual(
        [0, 1, 2, 3, 4].map((wanted) => placeOf.flatMap((place, row) => (place === wanted ? [row] : []))),
      );
    }),
  );
});
