import { isIP } from "node:net";
import { types } from "cassandra-driver";
import { unreachable } from "../../assert.ts";
import { plainInstantOfText } from "../../model/plain-instant.ts";
import type { CqlType, NativeType } from "./cql-type.ts";
import { exactDecimal, exactInteger, NumberText } from "./exact-json.ts";

/** What the driver binds. */
export type CqlValue = null | boolean | number | bigint | string | Buffer | object;

/** Turns a JSON value other than null into a value of one column type; throws `Misfit`. */
export type ToCql = (value: unknown) => CqlValue;

/** A value that a column cannot take. Nothing is guessed: neither a number made of text nor the reverse. */
export class Misfit extends Error {}

/** A whole number of which the double shows no more all digits: the row must be read again, exactly. */
export class LostDigits extends Misfit {}

export function toCql(type: CqlType): ToCql {
  switch (type.kind) {
    case "native":
      return NATIVE[type.name];
    case "list":
    case "set":
      return list(toCql(type.element));
    case "map":
      return map(keyToCql(type.key), toCql(type.value));
    case "other":
      return () => {
        throw new Misfit(`columns of type ${type.text} are not written`);
      };
    default:
      return unreachable(type);
  }
}

/** Whether values of the type need the digits of every number. */
export function needsDigits(type: CqlType): boolean {
  switch (type.kind) {
    case "native":
      return type.name === "decimal";
    case "list":
    case "set":
      return needsDigits(type.element);
    case "map":
      return needsDigits(type.value);
    default:
      return false;
  }
}

const text: ToCql = (value) => {
  if (typeof value !== "string") throw misfit(value);
  // Half of a surrogate pair has no UTF-8; the driver would write U+FFFD in its place.
  if (!value.isWellFormed()) throw new Misfit("the text has half of a surrogate pair");
  return value;
};

const NATIVE: Readonly<Record<NativeType, ToCql>> = {
  text,
  varchar: text,
  ascii: matching(/^\p{ASCII}*$/u),
  boolean: (value) => {
    if (typeof value !== "boolean") throw misfit(value);
    return value;
  },
  tinyint: smallInteger(8),
  smallint: smallInteger(16),
  int: smallInteger(32),
  bigint: (value) => {
    const integer = wholeNumber(value);
    if (BigInt.asIntN(64, integer) !== integer) throw misfit(value);
    return integer;
  },
  varint: wholeNumber,
  decimal: (value) => {
    const decimal = exactDecimal(numberText(value));
    if (decimal === null) throw misfit(value);
    return types.BigDecimal.fromString(decimalText(decimal.unscaled, decimal.scale));
  },
  double: (value) => finite(value, Number(numberText(value))),
  float: (value) => finite(value, Math.fround(Number(numberText(value)))),
  timestamp: (value) => {
    const ms = typeof value === "number" ? value : instantMs(value);
    if (!Number.isSafeInteger(ms)) throw misfit(value);
    return ms;
  },
  date: (value) => {
    if (typeof value !== "string" || value.length !== 10 || Number.isNaN(instantMs(value))) throw misfit(value);
    return value;
  },
  time: matching(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?$/),
  uuid: matching(/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i),
  timeuuid: matching(/^[\da-f]{8}-[\da-f]{4}-1[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/i),
  inet: (value) => {
    if (typeof value !== "string" || isIP(value) === 0) throw misfit(value);
    return value;
  },
  blob: (value) => {
    const bytes = typeof value === "string" ? Buffer.from(value, "base64") : null;
    // Node skips what is no base64; what does not come out again was not all base64.
    if (bytes === null || bytes.toString("base64") !== value) throw misfit(value);
    return bytes;
  },
};

function matching(pattern: RegExp): ToCql {
  return (value) => {
    if (typeof value !== "string" || !pattern.test(value)) throw misfit(value);
    return value;
  };
}

function smallInteger(bits: number): ToCql {
  const limit = 2 ** (bits - 1);
  return (value) => {
    const integer = typeof value === "number" ? value : Number(wholeNumber(value));
    if (!Number.isInteger(integer) || integer < -limit || integer >= limit) throw misfit(value);
    return integer;
  };
}

function wholeNumber(value: unknown): bigint {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return BigInt(value);
    throw new LostDigits();
  }
  const integer = exactInteger(numberText(value));
  if (integer === null) throw misfit(value);
  return integer;
}

function numberText(value: unknown): string {
  if (value instanceof NumberText) return value.text;
  if (typeof value !== "number") throw misfit(value);
  return String(value);
}

function finite(value: unknown, number: number): number {
  if (!Number.isFinite(number)) throw misfit(value);
  return number;
}

/** The driver reads decimals without exponent. */
function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d))?)?$/;

/** ISO 8601; without a zone UTC; finer than milliseconds is cut. NaN where it is no instant (`Date` takes 30 February for 1 March). */
function instantMs(value: unknown): number {
  const plain = typeof value === "string" ? plainInstantOfText(value) : Number.NaN;
  if (!Number.isNaN(plain)) return plain;
  const match = typeof value === "string" ? INSTANT.exec(value) : null;
  if (match === null) return Number.NaN;
  const part = (index: number): number => Number(match[index] ?? 0);
  const fractionMs = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const sound = part(4) < 24 && part(5) < 60 && part(6) < 60 && part(9) < 24 && part(10) < 60;
  const date = new Date(0);
  date.setUTCFullYear(part(1), part(2) - 1, part(3));
  if (!sound || date.getUTCMonth() !== part(2) - 1 || date.getUTCDate() !== part(3)) return Number.NaN;
  const offsetMs = (match[8] === "-" ? -1 : 1) * (part(9) * 60 + part(10)) * 60_000;
  return date.setUTCHours(part(4), part(5), part(6), fractionMs) - offsetMs;
}

/** An empty list on the wire; the driver sends null in its place, which is another value where the list is frozen. */
const EMPTY_LIST = Buffer.alloc(4);

function list(element: ToCql): ToCql {
  return (value) => {
    if (!Array.isArray(value)) throw misfit(value);
    return value.length === 0 ? EMPTY_LIST : value.map((item: unknown) => inside(element, item));
  };
}

function map(key: ToCql, element: ToCql): ToCql {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof NumberText) throw misfit(value);
    return new Map(Object.entries(value).map(([name, item]) => [key(name), inside(element, item)]));
  };
}

/** Keys of a JSON object are text; of a map with numbers as keys they are the numbers' text. */
function keyToCql(type: CqlType): ToCql {
  const convert = toCql(type);
  const numeric = type.kind === "native" && /int|decimal|double|float/.test(type.name);
  if (!numeric) return convert;
  return (name) => {
    if (typeof name !== "string" || exactDecimal(name) === null) throw misfit(name);
    return convert(new NumberText(name));
  };
}

function inside(element: ToCql, item: unknown): CqlValue {
  if (item === null || item === undefined) throw new Misfit("a collection cannot hold null");
  return element(item);
}

const SHOWN_MAX = 60;

function misfit(value: unknown): Misfit {
  const shown = value instanceof NumberText ? value.text : typeof value === "number" ? String(value) : JSON.stringify(value);
  return new Misfit(`${shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown} does not fit`);
}
