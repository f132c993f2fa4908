const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** MurmurHash2, 32 bits, with the seed that Kafka's clients share. Signed. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  let hash = SEED ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    let word = byteAt(bytes, i) | (byteAt(bytes, i + 1) << 8) | (byteAt(bytes, i + 2) << 16) | (byteAt(bytes, i + 3) << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = length - i;
  if (rest === 3) hash ^= byteAt(bytes, i + 2) << 16;
  if (rest >= 2) hash ^= byteAt(bytes, i + 1) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ byteAt(bytes, i), MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** Where Kafka's default partitioner puts a record with this key. */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

function byteAt(bytes: Uint8Array, i: number): number {
  return bytes[i] as number;
}
