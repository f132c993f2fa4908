/** From here on the call into native code pays. */
const NATIVE_BYTES_MIN = 256;

export function dataViewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Copies `[start, end)` of `source` to `at` in `target`, which has room, and gives the position after it. Two to five times faster for
 * pieces of a record than `set` over a `subarray`, which makes an object each time. The two do not overlap.
 */
export function copyBytes(target: DataView, at: number, source: DataView, start: number, end: number): number {
  const length = end - start;
  if (length >= NATIVE_BYTES_MIN) {
    const piece = new Uint8Array(source.buffer, source.byteOffset + start, length);
    new Uint8Array(target.buffer, target.byteOffset + at, length).set(piece);
    return at + length;
  }
  let from = start;
  let to = at;
  for (; from + 16 <= end; from += 16, to += 16) {
    target.setInt32(to, source.getInt32(from));
    target.setInt32(to + 4, source.getInt32(from + 4));
    target.setInt32(to + 8, source.getInt32(from + 8));
    target.setInt32(to + 12, source.getInt32(from + 12));
  }
  for (; from + 4 <= end; from += 4, to += 4) target.setInt32(to, source.getInt32(from));
  for (; from < end; from++, to++) target.setInt8(to, source.getInt8(from));
  return to;
}
