import { SluiceError } from "../../errors.ts";
import { typeName } from "../../model/type.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { matchName, type TableColumn, type TableSchema } from "./table-schema.ts";
import { needsDigits, type ToCql } from "./to-cql-value.ts";
import { canHold } from "./type-mapping.ts";
import { toWire } from "./wire-value.ts";

/** The key column of a table whose statement names no key: it holds the change's id. */
export const ID_COLUMN = "_id";

export interface LayoutColumn {
  readonly name: string;
  readonly typeText: string;
  readonly key: boolean;
  readonly convert: ToCql;
}

/** How the rows of one route become rows of its table. */
export interface RowLayout {
  /** What an upsert writes: the primary key in the table's order first, partition columns before the others. */
  readonly columns: readonly LayoutColumn[];
  readonly partitionCount: number;
  readonly keyCount: number;
  /** The only key column holds the change's id, not a member of the document. */
  readonly keyedById: boolean;
  /** Documents must be read digit by digit. */
  readonly digits: boolean;
  /** The column a member of a document belongs to: index into `columns`; -1: none. */
  columnOf(member: string): number;
}

/** Lays a route onto an existing table; TARGET_MISMATCH names the column, both types and the way out. */
export function layRow(target: RouteTarget, schema: TableSchema): RowLayout {
  for (const column of schema.columns) {
    if (column.typeText === "counter") throw mismatch(schema, `"${column.name}" is a counter: adding twice is not writing twice`);
  }
  const keyedById = target.keyColumns.length === 0;
  checkKey(target, schema);
  const named = target.columns.map((column) => ({ member: column.name, column: namedColumn(schema, column) }));
  const names = new Set(named.map((entry) => entry.column.name));
  if (names.size < named.length) throw mismatch(schema, "two columns of the statement go to the same column of the table");
  const whole = target.mode === "insert" || named.length === 0;
  const columns = schema.columns.filter((column) => isKey(column) || (column.kind === "regular" && (whole || names.has(column.name))));
  const members = new Map(columns.map((column, index) => [column.name, index]));
  return {
    columns: columns.map(layoutColumn),
    partitionCount: columns.filter((column) => column.kind === "partition_key").length,
    keyCount: columns.filter(isKey).length,
    keyedById,
    digits: columns.some((column) => needsDigits(column.type)),
    columnOf: memberLookup(
      named.length === 0 ? null : new Map(named.map(({ member, column }) => [member, members.get(column.name) ?? -1])),
      columns,
    ),
  };
}

function layoutColumn(column: TableColumn): LayoutColumn {
  return { name: column.name, typeText: column.typeText, key: isKey(column), convert: toWire(column.type) };
}

/** The statement's key and the table's must be the same set: else two ids share a row, or an id has no row. */
function checkKey(target: RouteTarget, schema: TableSchema): void {
  const key = schema.columns.filter(isKey);
  const keyNames = key.map((column) => column.name);
  const clause = `PK ${keyNames.join(", ")}`;
  if (target.keyColumns.length === 0) {
    const [only, ...others] = key;
    if (only?.name === ID_COLUMN && others.length === 0 && /^(text|varchar)$/.test(only.typeText)) return;
    throw mismatch(schema, `its primary key is (${keyNames.join(", ")}), but the statement names no key`, `add ${clause}`);
  }
  const names = schema.columns.map((column) => column.name);
  const covered = target.keyColumns.map((name) => ({ name, column: matchName(name, names) }));
  const extra = covered.find((entry) => entry.column === null || !keyNames.includes(entry.column));
  if (extra !== undefined) {
    const problem = `"${extra.name}" is in the statement's key but not in the primary key (${keyNames.join(", ")})`;
    throw mismatch(schema, problem, `rows that differ in it alone would overwrite each other; use ${clause}, or another table`);
  }
  const missing = keyNames.find((name) => !covered.some((entry) => entry.column === name));
  if (missing !== undefined) {
    const problem = `primary key column "${missing}" is not in the statement's key (${target.keyColumns.join(", ")})`;
    throw mismatch(schema, problem, `use ${clause}, or a table whose primary key is (${target.keyColumns.join(", ")})`);
  }
  const unselected = target.columns.length === 0 ? undefined : target.keyColumns.find((name) => !selects(target, name));
  if (unselected !== undefined)
    throw mismatch(schema, `key column "${unselected}" is not selected`, `add ${unselected} to the SELECT list`);
}

function selects(target: RouteTarget, name: string): boolean {
  return target.columns.some((column) => column.name === name);
}

function namedColumn(schema: TableSchema, wanted: RouteTarget["columns"][number]): TableColumn {
  const name = matchName(
    wanted.name,
    schema.columns.map((column) => column.name),
  );
  const column = schema.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    const names = schema.columns.map((candidate) => candidate.name).join(", ");
    throw mismatch(schema, `it has no column "${wanted.name}"`, `its columns are ${names}; rename with AS, or ALTER TABLE … ADD`);
  }
  if (column.kind === "static") throw mismatch(schema, `"${column.name}" is static: all rows of a partition share it`);
  if (!canHold(column.type, wanted.type)) {
    const problem = `column "${column.name}" is ${column.typeText} and cannot take ${typeName(wanted.type)}`;
    throw mismatch(schema, problem, `CAST "${wanted.name}" in the SELECT list, or change the column`);
  }
  return column;
}

/** Declared members by name; of schemaless documents the column of that name, or the only one that differs in case alone. */
function memberLookup(declared: ReadonlyMap<string, number> | null, columns: readonly TableColumn[]): (member: string) => number {
  if (declared !== null) return (member) => declared.get(member) ?? -1;
  const exact = new Map(columns.map((column, index) => [column.name, index]));
  const names = columns.map((column) => column.name);
  return (member) => {
    const index = exact.get(member);
    if (index !== undefined) return index;
    const name = matchName(member, names);
    return name === null ? -1 : (exact.get(name) ?? -1);
  };
}

function isKey(column: TableColumn): boolean {
  return column.kind === "partition_key" || column.kind === "clustering";
}

function mismatch(schema: TableSchema, problem: string, hint?: string): SluiceError {
  const table = `${schema.name.keyspace}.${schema.name.table}`;
  return new SluiceError("TARGET_MISMATCH", `table ${table}: ${problem}`, hint === undefined ? {} : { hint });
}
