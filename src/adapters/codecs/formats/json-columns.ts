import { must } from "../../../assert.ts";
import type { Column } from "../../../model/format.ts";
import { jsonWriterOf } from "../../../model/json-value.ts";
import { jsonReaderOf } from "../../../model/read-value.ts";
import { type DataType, typeName } from "../../../model/type.ts";
import type { ObjectValue, Value } from "../../../model/value.ts";
import { FormatError, shown } from "./format-error.ts";

const structOf = (columns: readonly Column[]): DataType => ({ kind: "struct", fields: columns });

/** The values of columns from a JSON object of them; what is not there is NULL. Throws `FormatError`. */
export function readColumns(columns: readonly Column[]): (json: string) => readonly Value[] {
  const read = jsonReaderOf(structOf(columns));
  return (json) => {
    const object = parsed(json, read);
    if (object === undefined || object === null) throw new FormatError(misfit(json, columns));
    return columns.map(({ name }) => (object as ObjectValue)[name] ?? null);
  };
}

function parsed<T>(json: string, read: (json: string) => T): T {
  try {
    return read(json);
  } catch (error) {
    throw new FormatError(`no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function misfit(json: string, columns: readonly Column[]): string {
  const column = columns.find((one) => jsonReaderOf(structOf([one]))(json) === undefined);
  if (column === undefined) return `a JSON object is wanted, but this is ${shown(json)}`;
  const found = JSON.stringify((JSON.parse(json) as Record<string, unknown>)[column.name]);
  return `column '${column.name}': ${shown(found)} is no ${typeName(column.type)}`;
}

/** The JSON text of values: an object by their columns' names, or the one value itself. */
export function writeColumns(columns: readonly Column[], isBare: boolean): (values: readonly Value[]) => string {
  const writers = columns.map(({ name, type }, index) => {
    const write = jsonWriterOf(type);
    const label = isBare ? "" : `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`;
    return (value: Value): string => label + (value === null ? "null" : write(value));
  });
  if (isBare) return ([value = null]) => must(writers[0])(value);
  if (columns.length === 0) return () => "{}";
  return (values) => `${writers.map((write, index) => write(values[index] ?? null)).join("")}}`;
}
