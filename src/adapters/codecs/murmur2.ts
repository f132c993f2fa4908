const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** MurmurHash2 of `[start, end)`, 32 bits, with the seed that Kafka's clients share. Signed. */
export function murmur2(bytes: Uint8Array, start = 0, end = bytes.length): number {
  const length = end - start;
  let hash = SEED ^ length;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    let word = byteAt(bytes, i) | (byteAt(bytes, i + 1) << 8) | (byteAt(bytes, i + 2) << 16) | (byteAt(bytes, i + 3) << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = end - i;
  if (rest === 3) hash ^= byteAt(bytes, i + 2) << 16;
  if (rest >= 2) hash ^= byteAt(bytes, i + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ byteAt(bytes, i), MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** Where Kafka's default partitioner puts a record whose key is `[start, end)` of the bytes. */
export function partitionForKey(bytes: Uint8Array, partitions: number, start = 0, end = bytes.length): number {
  return (murmur2(bytes, start, end) & 0x7fffffff) % partitions;
}

function byteAt(bytes: Uint8Array, i: number): number {
  return bytes[i] as number;
}
