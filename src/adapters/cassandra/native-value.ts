import { isIP } from "node:net";
import { types } from "cassandra-driver";
import { plainInstantOfText } from "../../model/plain-instant.ts";
import type { NativeType } from "./cql-type.ts";
import { LostDigits, Misfit, misfit, type ToCql } from "./cql-value.ts";
import { exactDecimal, exactInteger, NumberText } from "./exact-json.ts";

const text: ToCql = (value) => {
  if (typeof value !== "string") throw misfit(value);
  // Half of a surrogate pair has no UTF-8; the driver would write U+FFFD in its place.
  if (!value.isWellFormed()) throw new Misfit("the text has half of a surrogate pair");
  return value;
};

export const NATIVE: Readonly<Record<NativeType, ToCql>> = {
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
