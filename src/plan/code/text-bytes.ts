/** Whether a cell is a text of UTF-8 bytes. */
export function equalsText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  return end - start === text.length && startsWithText(bytes, start, end, text);
}

export function startsWithText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  const { length } = text;
  if (end - start < length) return false;
  for (let at = 0; at < length; at++) if (bytes[start + at] !== text[at]) return false;
  return true;
}

/** Negative, zero or positive: the order of UTF-8 bytes is that of code points, as in `compareText`. */
export function orderOfText(bytes: Uint8Array, start: number, end: number, text: Uint8Array): number {
  const length = Math.min(end - start, text.length);
  for (let at = 0; at < length; at++) {
    const difference = (bytes[start + at] as number) - (text[at] as number);
    if (difference !== 0) return difference;
  }
  return end - start - text.length;
}
