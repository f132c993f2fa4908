/** A JSON number by its digits, where a double might not hold them all. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** As `JSON.parse`, with every number that is no safe integer as `NumberText`; several times slower. */
export function parseExact(text: string): unknown {
  return (JSON.parse as ParseWithSource)(text, (_key, value, { source }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined ? new NumberText(source) : value,
  );
}

/** ECMAScript's source text access, which the compiler's library does not describe yet. */
type ParseWithSource = (text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown) => unknown;

export interface ExactDecimal {
  /** The value is `unscaled` / 10 ** `scale`; `scale` is not negative. */
  readonly unscaled: bigint;
  readonly scale: number;
}

/** Beyond it a number such as 1e999999 would cost memory, and no column that is in use holds it. */
const EXPONENT_MAX = 1000;

/** A number exactly; null where it is no JSON number or its exponent is out of all proportion. */
export function exactDecimal(text: string): ExactDecimal | null {
  const match = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return null;
  const fraction = match[2] ?? "";
  const scale = fraction.length - Number(match[3] ?? 0);
  if (Math.abs(scale) > EXPONENT_MAX) return null;
  const unscaled = BigInt(`${match[1]}${fraction}`);
  return scale >= 0 ? { unscaled, scale } : { unscaled: unscaled * 10n ** BigInt(-scale), scale: 0 };
}

/** A whole number exactly, also one written as `1.0` or `1e3`; null where it is none. */
export function exactInteger(text: string): bigint | null {
  const decimal = exactDecimal(text);
  if (decimal === null) return null;
  const unit = 10n ** BigInt(decimal.scale);
  return decimal.unscaled % unit === 0n ? decimal.unscaled / unit : null;
}
