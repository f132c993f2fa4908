/**
 * Where the string under way at `at` ends: the position of its closing quote. Negative where it has an escape, a control
 * character, bytes that are not UTF-8, or does not end before `end`.
 */
export function stringEnd(bytes: Buffer, at: number, end: number): number {
  let next = at;
  while (next < end) {
    const c = bytes[next] as number;
    if (c === 0x22) return next;
    if (c === 0x5c || c < 0x20) return -1;
    if (c < 0x80) next++;
    else {
      const length = characterLength(bytes, next, end);
      if (length < 0) return -1;
      next += length;
    }
  }
  return -1;
}

/** Bytes of the character of more than one byte at `at`, or -1: shortest form only, no surrogates, nothing above U+10FFFF. */
function characterLength(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first < 0xc2 || first > 0xf4) return -1;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return -1;
  const second = bytes[at + 1] as number;
  const secondMin = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const secondMax = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < secondMin || second > secondMax) return -1;
  for (let i = at + 2; i < at + length; i++) if (((bytes[i] as number) & 0xc0) !== 0x80) return -1;
  return length;
}
