import { isUtf8 } from "node:buffer";
import { jsonText, parseJson } from "../../model/exact-number.ts";

/** What bytes may be, best guess first. */
export type GuessedFormat = "json" | "schema registry" | "int" | "bigint" | "double" | "string" | "bytes";

/** Of each part of a record: which formats fit all that was seen of it, as ksqlDB's PRINT does. */
export class FormatGuess {
  private possible: readonly GuessedFormat[] | null = null;

  /** null: nothing but nulls was seen. */
  get formats(): readonly GuessedFormat[] | null {
    return this.possible;
  }

  /** What the bytes mean by the best guess for them, as JSON. */
  read(bytes: Buffer | null): string {
    if (bytes === null) return "null";
    const fitting = formatsOf(bytes);
    const common = this.possible?.filter((format) => fitting.includes(format)) ?? fitting;
    this.possible = common.length > 0 ? common : ["bytes"];
    return readAs(bytes, (common[0] ?? fitting[0]) as GuessedFormat);
  }
}

/** Begins what Confluent's serializers write: a zero, the schema's number, the data. */
const REGISTRY_BYTES = 5;

function formatsOf(bytes: Buffer): readonly GuessedFormat[] {
  if (isReadable(bytes)) return isJson(bytes.toString()) ? ["json", "string"] : ["string", ...numbersOf(bytes)];
  if (bytes.length > REGISTRY_BYTES && bytes[0] === 0 && bytes.readUInt32BE(1) < 1 << 24) return ["schema registry", ...numbersOf(bytes)];
  return [...numbersOf(bytes), "bytes"];
}

function numbersOf({ length }: Buffer): readonly GuessedFormat[] {
  if (length === 4) return ["int"];
  return length === 8 ? ["bigint", "double"] : [];
}

/** Text without control characters but line breaks and tabs. */
function isReadable(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readAs(bytes: Buffer, format: GuessedFormat): string {
  switch (format) {
    case "json":
      return jsonText(parseJson(bytes.toString()));
    case "int":
      return String(bytes.readInt32BE());
    case "bigint":
      return String(bytes.readBigInt64BE());
    case "double":
      return JSON.stringify(bytes.readDoubleBE());
    case "string":
      return JSON.stringify(bytes.toString());
    case "schema registry":
    case "bytes":
      return JSON.stringify(bytes.toString("base64"));
  }
}
