import { type ExactNumber, exactNumber, integerOf, isInt64 } from "../../model/exact-number.ts";
import { parseDate, parseTimestamp, TIMESTAMP_MS_MAX } from "../../model/timestamp-text.ts";
import type { DataType } from "../../model/type.ts";
import { toText } from "./values.ts";

/** CAST at run time, after DuckDB's rules. The result stands in the target's `Repr`; undefined: the value cannot be cast. */
export function cast(value: unknown, from: DataType["kind"], to: DataType["kind"]): unknown {
  switch (to) {
    case "string":
      return toText(value, from);
    case "int":
      return inRange(toInteger(value), (integer) => integer >= -2_147_483_648 && integer <= 2_147_483_647);
    case "bigint":
      return inRange(toInteger(value), isInt64);
    case "double":
      return toNumber(value);
    case "boolean":
      return toBoolean(value);
    case "timestamp":
      return typeof value === "string" ? parseTimestamp(value) : epochMs(value);
    case "date":
      return toDate(value);
    case "any":
      return value;
    default:
      return undefined;
  }
}

function epochMs(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) <= TIMESTAMP_MS_MAX ? Math.trunc(value) : undefined;
}

function inRange(value: ExactNumber | undefined, holds: (value: ExactNumber) => boolean): ExactNumber | undefined {
  return value !== undefined && holds(value) ? value : undefined;
}

/** Rounds half to even, as DuckDB casts a double. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function toInteger(value: unknown): ExactNumber | undefined {
  const integer = typeof value === "bigint" ? value : typeof value === "string" ? integerOf(value.trim()) : undefined;
  if (integer !== undefined) return integer;
  const number = toNumber(value);
  if (number === undefined || !Number.isFinite(number)) return undefined;
  const rounded = roundHalfEven(number) + 0;
  return Number.isSafeInteger(rounded) ? rounded : exactNumber(BigInt(rounded));
}

/** The nearest double: that is what a cast to DOUBLE asks for. */
function toNumber(value: unknown): number | undefined {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return undefined;
  const trimmed = value.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}

const BOOLEANS = new Map([
  ["true", true],
  ["t", true],
  ["1", true],
  ["yes", true],
  ["y", true],
  ["false", false],
  ["f", false],
  ["0", false],
  ["no", false],
  ["n", false],
]);

function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (typeof value === "bigint") return true;
  return typeof value === "string" ? BOOLEANS.get(value.trim().toLowerCase()) : undefined;
}

function toDate(value: unknown): number | undefined {
  if (typeof value === "string") return parseDate(value);
  const ms = epochMs(value);
  return ms === undefined ? undefined : Math.floor(ms / 86_400_000) * 86_400_000;
}
