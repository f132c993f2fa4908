import { parseDecimal } from "./decimal.ts";
import { type ExactNumber, integerOf, isInt64, NumberText, parseJson, parseJsonDigits } from "./exact-number.ts";
import { mapMembers, PARSERS } from "./json-value.ts";
import { TIMESTAMP_MS_MAX } from "./timestamp-text.ts";
import type { DataType } from "./type.ts";
import type { ObjectValue, Value } from "./value.ts";

/** A value of JSON other than null as one of a declared type; undefined: it is none. Nothing is guessed, and no digit is lost. */
type Read = (value: unknown) => Value | undefined;

/** Values of a type from JSON text; undefined: the text holds another one. */
export function jsonReaderOf(type: DataType): (text: string) => Value | undefined {
  const read = readerOf(type);
  const parse = hasDecimal(type) ? parseJsonDigits : parseJson;
  return (text) => {
    const value = parse(text);
    return value === null ? null : read(value);
  };
}

function hasDecimal(type: DataType): boolean {
  switch (type.kind) {
    case "array":
      return hasDecimal(type.element);
    case "map":
      return hasDecimal(type.value);
    case "struct":
      return type.fields.some((field) => hasDecimal(field.type));
    default:
      return type.kind === "decimal";
  }
}

function readerOf(type: DataType): Read {
  switch (type.kind) {
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : undefined);
    case "string":
      return (value) => (typeof value === "string" ? value : undefined);
    case "int":
      return (value) => {
        const integer = nearest(value);
        return typeof integer === "number" && (integer | 0) === integer ? integer : undefined;
      };
    case "bigint":
      return (value) => {
        const integer = value instanceof NumberText ? (integerOf(value.text) ?? Number(value.text)) : value;
        return isInteger(integer) && isInt64(integer) ? integer : undefined;
      };
    case "double":
      return (value) => finite(nearest(value));
    case "decimal":
      return (value) => {
        const text = value instanceof NumberText ? value.text : typeof value === "number" ? String(value) : null;
        return text === null ? undefined : parseDecimal(text, type, true);
      };
    case "timestamp":
      return (value) => {
        const ms = nearest(value);
        return typeof ms === "number" && Math.abs(ms) <= TIMESTAMP_MS_MAX ? ms : parsed(value, PARSERS.timestamp);
      };
    case "date":
    case "time":
    case "interval":
    case "bytes": {
      const parse = PARSERS[type.kind];
      return (value) => parsed(value, parse);
    }
    case "array":
      return arrayReader(readerOf(type.element));
    case "map":
      return mapReader(readerOf(type.value));
    case "struct":
      return structReader(new Map(type.fields.map((field) => [field.name, readerOf(field.type)])));
    default:
      return plain;
  }
}

/** Of a number that was read with all its digits, the double that it would be without. */
function nearest(value: unknown): unknown {
  return value instanceof NumberText ? Number(value.text) : value;
}

function isInteger(value: unknown): value is ExactNumber {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

/** A value of unknown type that was read beside decimals. */
function plain(value: unknown): Value {
  if (value instanceof NumberText) return integerOf(value.text) ?? Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  return isObject(value) ? mapMembers(value, plain) : (value as Value);
}

function finite(value: unknown): number | undefined {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function parsed(value: unknown, parse: (text: string) => Value | undefined): Value | undefined {
  return typeof value === "string" ? parse(value) : undefined;
}

function arrayReader(read: Read): Read {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: Value[] = [];
    for (const item of value) {
      const made = item === null ? null : read(item);
      if (made === undefined) return undefined;
      items.push(made);
    }
    return items;
  };
}

function isObject(value: unknown): value is ObjectValue {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberText);
}

function mapReader(read: Read): Read {
  return (value) => {
    if (!isObject(value)) return undefined;
    let sound = true;
    const made = mapMembers(value, (item) => {
      const member = item === null ? null : read(item);
      if (member === undefined) sound = false;
      return member ?? null;
    });
    return sound ? made : undefined;
  };
}

/** Members that the type does not name are left out; what is not there is NULL. */
function structReader(fields: ReadonlyMap<string, Read>): Read {
  return (value) => {
    if (!isObject(value)) return undefined;
    const made: Record<string, Value> = Object.create(null);
    for (const [name, read] of fields) {
      const item: unknown = Object.hasOwn(value, name) ? value[name] : null;
      const member = item === null ? null : read(item);
      if (member === undefined) return undefined;
      made[name] = member;
    }
    return made;
  };
}
