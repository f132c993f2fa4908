/**
 * JavaScript text that is true where the bytes at `p` are not these. Eight at a time they are compared as doubles: bytes
 * equal as doubles are equal as bytes but for zeros, and what is no number is not equal to itself.
 */
export function literalTest(bytes: Buffer): string {
  const tests: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    if (bytes.length >= 8 && (left >= 8 || left > 4)) {
      const place = Math.min(at, bytes.length - 8);
      const double = bytes.readDoubleLE(place);
      if (!Number.isNaN(double) && double !== 0) {
        tests.push(`view.getFloat64(p + ${place}, true) !== ${double}`);
        at = place + 8;
        continue;
      }
    }
    if (bytes.length >= 4 && left > 1) {
      const place = Math.min(at, bytes.length - 4);
      tests.push(`view.getInt32(p + ${place}, true) !== ${bytes.readInt32LE(place)}`);
      at = place + 4;
    } else {
      tests.push(`bytes[p + ${at}] !== ${bytes[at]}`);
      at++;
    }
  }
  return tests.join(" || ");
}
