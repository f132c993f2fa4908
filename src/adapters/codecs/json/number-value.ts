import { MINUS, ZERO } from "./json-bytes.ts";

/** Powers of ten that a double holds exactly. */
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** More digits than these are left to `Number`: below, digits / power is rounded once, hence exactly as `Number` does. */
export const EXACT_DIGITS = 15;

/** The value of a checked number without exponent, of at most `EXACT_DIGITS` digits. */
export function decimal(bytes: Buffer, from: number, integerEnd: number, end: number): number {
  const negative = bytes[from] === MINUS;
  let digits = 0;
  for (let at = negative ? from + 1 : from; at < integerEnd; at++) digits = digits * 10 + ((bytes[at] as number) ^ ZERO);
  for (let at = integerEnd + 1; at < end; at++) digits = digits * 10 + ((bytes[at] as number) ^ ZERO);
  const value = end > integerEnd + 1 ? digits / (POWERS_OF_TEN[end - integerEnd - 1] as number) : digits;
  return negative ? -value : value;
}

/** Whether the double is the integer of that text, not just the nearest to it. */
export function isExact(value: number, text: string): boolean {
  return Number.isSafeInteger(value) || (Number.isFinite(value) && BigInt(value) === BigInt(text));
}
