import fc from "fast-check";
import { expect, it } from "vitest";
import { rowsByPartition } from "../../../src/adapters/kafka/rows-by-partition.ts";

it("keeps the rows of each partition in their order, and leaves out those of none", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1, max: 4 })), (partitionOf) => {
      const rows = rowsByPartition(Int32Array.from(partitionOf), 5);
      expect(rows.map((ofOne) => [...ofOne])).toEqual(
        [0, 1, 2, 3, 4].map((wanted) => partitionOf.flatMap((partition, row) => (partition === wanted ? [row] : []))),
      );
    }),
  );
});
