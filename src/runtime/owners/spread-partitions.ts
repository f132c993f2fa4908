/**
 * Shares partitions out over so many threads: as evenly as they go, and each stays where it was as far as that allows.
 * Gives the partitions of each thread.
 */
export function spreadPartitions(
  partitions: readonly number[],
  threads: number,
  before: ReadonlyMap<number, number>,
): readonly (readonly number[])[] {
  const sorted = partitions.toSorted((left, right) => left - right);
  const atLeast = Math.floor(sorted.length / threads);
  let withOneMore = sorted.length % threads;
  const shares: number[][] = Array.from({ length: threads }, () => []);
  const homeless = sorted.filter((partition) => {
    const share = shares[before.get(partition) ?? -1];
    if (share === undefined || share.length > atLeast || (share.length === atLeast && withOneMore === 0)) return true;
    if (share.length === atLeast) withOneMore--;
    share.push(partition);
    return false;
  });
  for (const partition of homeless) {
    const fewest = shares.reduce((least, share) => (share.length < least.length ? share : least));
    fewest.push(partition);
  }
  return shares;
}
