/** The rows of each partition, in their order: sorted by counting. Rows of partition -1 are left out. */
export function rowsByPartition(partitionOf: Int32Array, partitions: number): readonly Int32Array[] {
  const ends = new Int32Array(partitions);
  for (const partition of partitionOf) if (partition >= 0) ends[partition] = (ends[partition] as number) + 1;
  let total = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const count = ends[partition] as number;
    ends[partition] = total;
    total += count;
  }
  const starts = ends.slice();
  const sorted = new Int32Array(total);
  for (let row = 0; row < partitionOf.length; row++) {
    const partition = partitionOf[row] as number;
    if (partition < 0) continue;
    const at = ends[partition] as number;
    sorted[at] = row;
    ends[partition] = at + 1;
  }
  return Array.from(starts, (start, partition) => sorted.subarray(start, ends[partition]));
}
