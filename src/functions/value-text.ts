import { decimalText } from "../model/decimal.ts";
import { jsonText } from "../model/exact-number.ts";
import { jsonTextOf, jsonWriterOf } from "../model/json-value.ts";
import type { DataType } from "../model/type.ts";
import type { Value } from "../model/value.ts";

/** The text of values of a type other than null, as `||` and CAST AS STRING write it. */
export function textOf(type: DataType): (value: Value) => string {
  switch (type.kind) {
    case "string":
      return (value) => value as string;
    case "double":
      return (value) => doubleText(value as number);
    case "decimal":
      return (value) => decimalText(value as bigint, type.scale);
    case "timestamp":
    case "date":
    case "time":
    case "interval":
      return jsonTextOf(type.kind);
    case "bytes":
      return (value) => bytesText(value as Uint8Array);
    case "array":
    case "map":
    case "struct":
      return jsonWriterOf(type);
    case "any":
    case "null":
      return (value) => (typeof value === "string" ? value : jsonText(value));
    default:
      return String;
  }
}

/** Between these doubles are written without an exponent. */
const PLAIN_MIN = 1e-4;
const PLAIN_MAX = 1e16;

/** `1.0`, `0.25`, `1e+16`, `1e-05`: the shortest digits that are this double. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  if (size >= PLAIN_MIN && size < PLAIN_MAX) return Number.isInteger(value) ? `${BigInt(value)}.0` : String(value);
  const [digits, exponent = ""] = value.toExponential().split("e");
  return `${digits}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, "0")}`;
}

/** Printable ASCII as it is, else `\xAA`. */
function bytesText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += isPlain(byte) ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return text;
}

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e && byte !== 0x5c && byte !== 0x27 && byte !== 0x22;
}

/** What `bytesText` writes; undefined: characters that are no ASCII, or a backslash that is followed by something else. */
export function parseBytesText(text: string): Uint8Array | undefined {
  if (!/^(?:(?!\\)\p{ASCII}|\\x[\da-f]{2})*$/iu.test(text)) return undefined;
  const plain = text.replaceAll(/\\x([\da-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(plain, "latin1");
}
