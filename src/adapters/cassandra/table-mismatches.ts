import { typeName } from "../../model/type.ts";
import type { TargetFinding } from "../../ports/connection.ts";
import type { RouteTarget } from "../../ports/sink.ts";
import { udtsIn } from "./cql-type.ts";
import { matchName } from "./match-name.ts";
import type { TableColumn, TableSchema } from "./table-schema.ts";
import { canHold } from "./type-mapping.ts";

/** The key column of a table whose statement names no key: it holds the change's id. */
export const ID_COLUMN = "_id";

/** Why the rows of a route are no rows of its table: its key first, then column by column. Empty: they are. */
export function tableMismatches(target: RouteTarget, schema: TableSchema): readonly TargetFinding[] {
  const finding: Found = (column, problem, hint = null) => {
    const table = `${schema.name.keyspace}.${schema.name.table}`;
    return { severity: "error", code: "TARGET_MISMATCH", column, message: `table ${table}: ${problem}`, hint };
  };
  const counter = schema.columns.find(({ typeText }) => typeText === "counter");
  if (counter !== undefined) return [finding(null, `"${counter.name}" is a counter: adding twice is not writing twice`)];
  return [
    ...keyMismatches(target, schema, finding),
    ...target.columns.flatMap((column) => columnMismatch(column, schema, finding)),
    ...repeatedColumns(target, schema, finding),
  ];
}

type Found = (column: string | null, problem: string, hint?: string | null) => TargetFinding;

export function isKey(column: TableColumn): boolean {
  return column.kind === "partition_key" || column.kind === "clustering";
}

/** The column of the table that a column of the statement goes to. */
export function namedColumn({ columns }: TableSchema, wanted: string): TableColumn | undefined {
  const name = matchName(
    wanted,
    columns.map((column) => column.name),
  );
  return columns.find((candidate) => candidate.name === name);
}

/** The statement's key and the table's must be the same set: else two ids share a row, or an id has no row. */
function keyMismatches(target: RouteTarget, schema: TableSchema, finding: Found): readonly TargetFinding[] {
  const key = schema.columns.filter(isKey);
  const keyNames = key.map((column) => column.name);
  const clause = `PK ${keyNames.join(", ")}`;
  if (target.keyColumns.length === 0) {
    const [only, ...others] = key;
    if (only?.name === ID_COLUMN && others.length === 0 && /^(text|varchar)$/.test(only.typeText)) return [];
    return [finding(null, `its primary key is (${keyNames.join(", ")}), but the statement names no key`, `add ${clause}`)];
  }
  const covered = target.keyColumns.map((name) => ({ name, column: namedColumn(schema, name)?.name ?? null }));
  const extra = covered
    .filter(({ column }) => column === null || !keyNames.includes(column))
    .map(({ name }) => {
      const problem = `"${name}" is in the statement's key but not in the primary key (${keyNames.join(", ")})`;
      return finding(name, problem, `rows that differ in it alone would overwrite each other; use ${clause}, or another table`);
    });
  const missing = key
    .filter(({ name }) => !covered.some(({ column }) => column === name))
    .map(({ name, kind }) => {
      const role = kind === "clustering" ? "a clustering column" : "part of the partition key";
      const problem = `primary key column "${name}" is not in the statement's key (${target.keyColumns.join(", ")}); it is ${role}`;
      return finding(null, problem, `use ${clause}, or a table whose primary key is (${target.keyColumns.join(", ")})`);
    });
  const isSelected = (name: string): boolean => target.columns.length === 0 || target.columns.some((column) => column.name === name);
  const unselected = target.keyColumns
    .filter((name) => !isSelected(name))
    .map((name) => finding(name, `key column "${name}" is not selected`, `add ${name} to the SELECT list`));
  return [...extra, ...missing, ...unselected];
}

function columnMismatch({ name, type }: RouteTarget["columns"][number], schema: TableSchema, finding: Found): readonly TargetFinding[] {
  const column = namedColumn(schema, name);
  if (column === undefined) {
    const names = schema.columns.map((candidate) => candidate.name);
    const hint = `its columns are ${names.join(", ")}; rename with AS, or ALTER TABLE … ADD`;
    return [{ ...finding(name, `it has no column "${name}"`, hint), unknown: { name, among: names } }];
  }
  if (column.kind === "static") return [finding(name, `"${column.name}" is static: all rows of a partition share it`)];
  if (canHold(column.type, type)) return [];
  const problem = `column "${column.name}" is ${column.typeText} and cannot take ${typeName(type)}`;
  const udts = [...new Map(udtsIn(column.type).map((udt) => [udt.name, udt])).values()];
  const made = udts.map((udt) => `${udt.name} has ${udt.fields.map((field) => `${field.name} ${field.typeText}`).join(", ")}`);
  return [finding(name, problem, [`CAST "${name}" in the SELECT list, or change the column`, ...made].join("; "))];
}

function repeatedColumns(target: RouteTarget, schema: TableSchema, finding: Found): readonly TargetFinding[] {
  const names = target.columns.map(({ name }) => namedColumn(schema, name)?.name ?? name);
  const repeated = target.columns.find((_, index) => names.indexOf(names[index] as string) < index);
  return repeated === undefined ? [] : [finding(repeated.name, "two columns of the statement go to the same column of the table")];
}
