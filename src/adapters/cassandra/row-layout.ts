import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import type { ToCql } from "./cql-value.ts";
import { nameFinder } from "./match-name.ts";
import { isKey, namedColumn, tableMismatches } from "./table-mismatches.ts";
import type { TableColumn, TableSchema } from "./table-schema.ts";
import { needsDigits, toWire } from "./to-cql-value.ts";

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
  const [wrong] = tableMismatches(target, schema);
  if (wrong !== undefined) throw new SluiceError(wrong.code, wrong.message, wrong.hint === null ? {} : { hint: wrong.hint });
  const keyedById = target.keyColumns.length === 0;
  const named = target.columns.map((column) => ({ member: column.name, column: must(namedColumn(schema, column.name)) }));
  const names = new Set(named.map((entry) => entry.column.name));
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

/** Declared members by name; of schemaless documents the column of that name, or the only one that differs in case alone. */
function memberLookup(declared: ReadonlyMap<string, number> | null, columns: readonly TableColumn[]): (member: string) => number {
  if (declared !== null) return (member) => declared.get(member) ?? -1;
  return nameFinder(columns.map((column) => column.name));
}
