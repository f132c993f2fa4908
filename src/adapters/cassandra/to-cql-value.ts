import { unreachable } from "../../assert.ts";
import { type CqlOrder, cqlOrder } from "./cql-order.ts";
import type { CqlType, NativeType, UdtType } from "./cql-type.ts";
import { Misfit, misfit, type ToCql } from "./cql-value.ts";
import { exactDecimal, NumberText } from "./exact-json.ts";
import { nameFinder } from "./match-name.ts";
import { NATIVE } from "./native-value.ts";
import { int64Bytes, joinCells, joinElements, serializer } from "./wire-value.ts";

export function toCql(type: CqlType): ToCql {
  switch (type.kind) {
    case "native":
      return NATIVE[type.name];
    case "list":
    case "set":
      return list(toCql(type.element));
    case "map":
      return map(keyToCql(type.key), toCql(type.value));
    case "tuple":
      return tuple(type.elements.map(toBytes));
    case "udt":
      return udt(type);
    case "other":
      return () => {
        throw new Misfit(`values of type ${type.text} are not written`);
      };
    default:
      return unreachable(type);
  }
}

/** As `toCql`, but eight-byte integers as their bytes, which the driver passes on: its own way to them takes a microsecond each. */
export function toWire(type: CqlType): ToCql {
  const convert = toCql(type);
  if (type.kind !== "native" || (type.name !== "timestamp" && type.name !== "bigint")) return convert;
  return (value) => int64Bytes(convert(value) as number | bigint);
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
    case "tuple":
      return type.elements.some(needsDigits);
    case "udt":
      return type.fields.some((field) => needsDigits(field.type));
    default:
      return false;
  }
}

/** An empty list on the wire; the driver sends null in its place, which is another value where the list is frozen. */
const EMPTY_LIST = Buffer.alloc(4);

function list(element: ToCql): ToCql {
  return (value) => {
    if (!Array.isArray(value)) throw misfit(value);
    return value.length === 0 ? EMPTY_LIST : value.map((item: unknown, index) => inside(element, item, index));
  };
}

function map(key: ToCql, element: ToCql): ToCql {
  return (value) => new Map(Object.entries(object(value)).map(([name, item]) => [key(name), inside(element, item, name)]));
}

type ToBytes = (value: unknown) => Buffer;

/** For values within a tuple or a user-defined type, which Cassandra keeps as they are sent. */
function toBytes(type: CqlType): ToBytes {
  switch (type.kind) {
    case "native":
      return nativeBytes(type.name, NATIVE[type.name]);
    case "list":
    case "set":
      return elementBytes(toBytes(type.element), type.kind === "set" ? cqlOrder(type.element) : null);
    case "map":
      return entryBytes(keyBytes(type.key), toBytes(type.value), cqlOrder(type.key));
    default:
      return toCql(type) as ToBytes;
  }
}

function nativeBytes(name: NativeType, convert: ToCql): ToBytes {
  const serialize = serializer(name);
  return (value) => {
    const converted = convert(value);
    try {
      return serialize(converted);
    } catch (error) {
      throw new Misfit((error as Error).message);
    }
  };
}

function elementBytes(element: ToBytes, order: CqlOrder | null): ToBytes {
  return (value) => {
    if (!Array.isArray(value)) throw misfit(value);
    const elements = value.map((item: unknown, index) => inside(element, item, index));
    const kept = order === null ? elements : inOrder(elements, order);
    return joinElements(kept, kept.length);
  };
}

function entryBytes(key: ToBytes, element: ToBytes, order: CqlOrder): ToBytes {
  return (value) => {
    const entries = Object.entries(object(value)).map(([name, item]) => [key(name), inside(element, item, name)] as const);
    const kept = inOrder(entries, ([a], [b]) => order(a, b));
    return joinElements(kept.flat(), kept.length);
  };
}

/** As Cassandra has it in sets and maps: of what is the same the last one. */
function inOrder<T>(items: readonly T[], order: (a: T, b: T) => number): readonly T[] {
  const sorted = items.toSorted(order);
  return sorted.filter((item, index) => index + 1 === sorted.length || order(item, sorted[index + 1] as T) !== 0);
}

function tuple(elements: readonly ToBytes[]): ToCql {
  return (value) => {
    if (!Array.isArray(value)) throw misfit(value);
    if (value.length !== elements.length) throw new Misfit(`the tuple has ${elements.length} elements, not ${value.length}`);
    return joinCells(elements.map((element, index) => (value[index] === null ? null : converted(element, value[index], index))));
  };
}

/**
 * As bytes: the driver goes by what the type was when it prepared the statement, and would leave out the fields that the type
 * has got since. A field that the object does not have is null.
 */
function udt({ name, fields }: UdtType): ToCql {
  const names = fields.map((field) => field.name);
  const elements = fields.map((field) => toBytes(field.type));
  const indexOf = nameFinder(names);
  return (value) => {
    const members = object(value);
    const cells = new Array<Buffer | null | undefined>(fields.length).fill(undefined);
    for (const member of Object.keys(members)) {
      const index = indexOf(member);
      if (index === -1) throw new Misfit(`the type ${name} has no such field; it has ${names.join(", ")}`).within(member, null);
      if (cells[index] !== undefined) throw new Misfit("another member goes to the same field").within(member, null);
      const item = members[member];
      cells[index] = item === null ? null : converted(elements[index] as ToBytes, item, member, fields[index]?.typeText);
    }
    return joinCells(cells);
  };
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof NumberText) throw misfit(value);
  return value as Readonly<Record<string, unknown>>;
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

function keyBytes(type: CqlType): ToBytes {
  const convert = keyToCql(type);
  return type.kind === "native" ? nativeBytes(type.name, convert) : (convert as ToBytes);
}

/** An element of a collection. */
function inside<T>(element: (value: unknown) => T, item: unknown, step: number | string): T {
  if (item === null || item === undefined) throw new Misfit("a collection cannot hold null").within(step, null);
  return converted(element, item, step);
}

/** What does not fit is told with its place; `step` and `typeText` as `Misfit.within` takes them. */
function converted<T>(convert: (value: unknown) => T, item: unknown, step: number | string, typeText: string | null = null): T {
  try {
    return convert(item);
  } catch (error) {
    throw error instanceof Misfit ? error.within(step, typeText) : error;
  }
}
