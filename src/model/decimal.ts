import type { DecimalType } from "./type.ts";

/** Decimals are BigInts that count units of the last digit: 12.30 with scale 2 is 1230n. */

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** The unscaled value of a number in text. `exact`: undefined where digits would be lost; else halves go away from zero. */
export function parseDecimal(text: string, { precision, scale }: DecimalType, exact = false): bigint | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = whole + fraction;
  const shift = Number(exponent) - fraction.length + scale;
  // So many digits to the left are none of a decimal, whatever they are.
  if (shift > precision && /[1-9]/.test(digits)) return undefined;
  const size = shift >= 0 ? BigInt(digits) * powerOf10(Math.min(shift, precision)) : divideRounded(BigInt(digits), powerOf10(-shift));
  if (exact && shift < 0 && size * powerOf10(-shift) !== BigInt(digits)) return undefined;
  return inPrecision(sign === "-" ? -size : size, precision);
}

/** `12.30`; all digits of the scale are shown. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The same number with another scale; halves go away from zero. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return unscaled * powerOf10(to - from);
  const size = divideRounded(unscaled < 0n ? -unscaled : unscaled, powerOf10(from - to));
  return unscaled < 0n ? -size : size;
}

/** Undefined: more digits than the precision. */
export function inPrecision(unscaled: bigint, precision: number): bigint | undefined {
  const bound = powerOf10(precision);
  return unscaled < bound && unscaled > -bound ? unscaled : undefined;
}

/** Against results such as 1.005 * 100 = 100.49999999999999: a little beyond the half is meant to be the half. */
const NUDGE = 1e-9;

/** The decimal nearest to a double, as DuckDB casts it. */
export function decimalOfDouble(value: number, { precision, scale }: DecimalType): bigint | undefined {
  const scaled = value * 10 ** scale + NUDGE * Math.sign(value);
  return Number.isFinite(scaled) ? inPrecision(BigInt(roundHalfEven(scaled)), precision) : undefined;
}

/** The nearest double. */
export function doubleOfDecimal(unscaled: bigint, scale: number): number {
  return Number(decimalText(unscaled, scale));
}

export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

const powers: bigint[] = [];

export function powerOf10(exponent: number): bigint {
  const known = powers[exponent];
  if (known !== undefined) return known;
  const power = 10n ** BigInt(exponent);
  powers[exponent] = power;
  return power;
}

/** Of sizes without sign: halves go up. */
function divideRounded(size: bigint, divisor: bigint): bigint {
  const quotient = size / divisor;
  return (size - quotient * divisor) * 2n >= divisor ? quotient + 1n : quotient;
}
