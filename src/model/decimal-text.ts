/** Digits of half a number, so that the arithmetic stays within 32 bits, which is several times faster. */
const HALF = 100_000_000;
const HALF_DIGITS = 8;

/** How many digits a whole number from 0 to 2^53 has. */
export function decimalLength(value: number): number {
  return value < HALF ? shortLength(value) : HALF_DIGITS + shortLength(Math.floor(value / HALF));
}

/** Writes the digits of a whole number from 0 to 2^53 so that they end before `end`. Gives the position of the first. */
export function writeDecimal(target: Uint8Array, end: number, value: number): number {
  if (value < HALF) return writeShort(target, end, value);
  const high = Math.floor(value / HALF);
  let low = (value - high * HALF) | 0;
  let at = end;
  for (let digit = 0; digit < HALF_DIGITS; digit++) {
    const rest = (low / 10) | 0;
    target[--at] = 0x30 + low - rest * 10;
    low = rest;
  }
  return writeShort(target, at, high);
}

function shortLength(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

function writeShort(target: Uint8Array, end: number, value: number): number {
  let number = value | 0;
  let at = end;
  do {
    const rest = (number / 10) | 0;
    target[--at] = 0x30 + number - rest * 10;
    number = rest;
  } while (number > 0);
  return at;
}
