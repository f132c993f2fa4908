const HALF = 2 ** 32;

/** A whole number as 64 bits, highest byte first. */
export function int64Bytes(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  if (typeof value === "bigint") {
    bytes.writeBigInt64BE(value);
    return bytes;
  }
  const high = Math.floor(value / HALF);
  bytes.writeInt32BE(high, 0);
  bytes.writeUInt32BE(value - high * HALF, 4);
  return bytes;
}
