import { LIMITS } from "../limits.ts";

/**
 * A number of the language: a double, or, where it is an integer beyond ±(2^53 − 1), a BigInt. A JSON number without
 * fraction and exponent is an integer. JavaScript compares the two exactly (`==`, `<`), and refuses to compute with both.
 */
export type ExactNumber = number | bigint;

const INTEGER = new RegExp(`^-?\\d{1,${LIMITS.integerDigitsMax}}$`);

export function isNumber(value: unknown): value is ExactNumber {
  return typeof value === "number" || typeof value === "bigint";
}

/** Undefined: the text is no integer, or a longer one. */
export function integerOf(text: string): ExactNumber | undefined {
  if (!INTEGER.test(text)) return undefined;
  const nearest = Number(text) + 0;
  return Number.isSafeInteger(nearest) ? nearest : BigInt(text);
}

/** An integer as a number where that is exact. */
export function exactNumber(value: bigint): ExactNumber {
  const nearest = Number(value);
  return Number.isSafeInteger(nearest) ? nearest : value;
}

/** Whether it is an integer of 64 bits. */
export function isInt64(value: ExactNumber): boolean {
  return typeof value === "bigint" ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
}

/** From here on a double is written with an exponent; below, all its digits are shown. */
const EXPONENT_FROM = 1e21;

/** Equal numbers have one text, whichever way they were written: all digits of an integer, else the shortest decimal. */
export function numberText(value: ExactNumber): string {
  if (typeof value === "bigint" || Number.isSafeInteger(value)) return String(value);
  const isShown = Number.isInteger(value) && Math.abs(value) < EXPONENT_FROM;
  return String(isShown ? BigInt(value) : value);
}

/** As `JSON.parse`, with integers that are not safe as BigInt. */
export function parseJson(text: string): unknown {
  return /\d{16}/.test(text) ? (JSON.parse as ParseWithSource)(text, asExact) : JSON.parse(text);
}

/** A number of JSON as it is written. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** As `parseJson`, with all digits of numbers that are no safe integers: 999999999999999.99 is none, though the nearest double is. */
export function parseJsonDigits(text: string): unknown {
  return (JSON.parse as ParseWithSource)(text, (_key, value, { source }) => {
    if (typeof value !== "number" || source === undefined) return value;
    return Number.isSafeInteger(value) && source === String(value) ? value : new NumberText(source);
  });
}

/** As `JSON.stringify`, with all digits of BigInts. */
export function jsonText(value: unknown): string {
  if (typeof value === "bigint") return String(value);
  return JSON.stringify(value, typeof value === "object" && value !== null ? asDigits : undefined);
}

function asExact(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined) return value;
  return integerOf(source) ?? (/^-?\d+$/.test(source) ? rawJson(source) : value);
}

function asDigits(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJson(String(value)) : value;
}

// ECMAScript's source text access, which the compiler's library does not describe yet.
type ParseWithSource = (text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown) => unknown;
const rawJson = (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON;
