import type { Client } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";
import type { FoundRow, Lookup, LookupTarget } from "../../ports/lookup.ts";
import { quoteName, quoteTable, selectAll, type TableName } from "./cql.ts";
import { type CqlValue, Misfit } from "./cql-value.ts";
import { sluiceError } from "./driver-error.ts";
import { parseExact } from "./exact-json.ts";
import { matchName } from "./match-name.ts";
import { readTableSchema, type TableColumn, type TableSchema } from "./table-schema.ts";
import { toCql } from "./to-cql-value.ts";
import { membersJson } from "./to-json.ts";

/** Selects under way at a time for one request of the runtime: each is one row of one partition. */
const SELECTS = 32;

/** A column that is read, under the name that the statement has for it. */
interface ReadColumn {
  readonly name: string;
  readonly column: string;
}

/** Rows of a table by its whole primary key, one prepared SELECT each, many at a time. */
export class TableLookup implements Lookup {
  private readonly client: Client;
  private readonly schema: TableSchema;
  /** The primary key, in the order of the keys that are asked for. */
  private readonly key: readonly TableColumn[];
  private readonly columns: readonly ReadColumn[];
  private readonly query: string;

  private constructor(client: Client, schema: TableSchema, key: readonly TableColumn[], columns: readonly ReadColumn[]) {
    this.client = client;
    this.schema = schema;
    this.key = key;
    this.columns = columns;
    const condition = key.map(({ name }) => `${quoteName(name)} = ?`).join(" AND ");
    const read = [...new Set([...key.map(({ name }) => name), ...columns.map(({ column }) => column)])];
    this.query = `${selectAll(schema.name, read)} WHERE ${condition}`;
  }

  /** Rejects with TARGET_MISSING, TARGET_MISMATCH, CONNECTION_FAILED, CONNECTION_REFUSED_RIGHTS. */
  static async open(client: Client, name: TableName, { keys, fields }: LookupTarget): Promise<TableLookup> {
    const schema = await readTableSchema(client, name).catch(rethrow);
    const label = `${name.keyspace}.${name.table}`;
    if (schema === null) throw new SluiceError("TARGET_MISSING", `table ${label} does not exist`);
    const primary = schema.columns.filter(({ kind }) => kind === "partition_key" || kind === "clustering");
    const names = schema.columns.map((column) => column.name);
    const compared = keys.map(({ root, path }) => (root === "value" && path.length === 1 ? matchName(path[0] as string, names) : null));
    const key = compared.map((column) => primary.find((one) => one.name === column));
    if (!key.every((column) => column !== undefined) || key.length !== primary.length) {
      const said = keys.map(({ root, path }) => (root === "key" ? "_key" : path.join("."))).join(", ");
      const own = primary.map((column) => column.name).join(", ");
      const message = `rows of ${label} are looked up by its primary key, (${own}), not by (${said})`;
      throw new SluiceError("TARGET_MISMATCH", message, { hint: "compare each column of the primary key in ON" });
    }
    const read = fields.flatMap(({ root, path }) => (root === "value" ? [path[0] ?? null] : []));
    // As they are called where they are not named: * brings all columns.
    const wanted = [...read.filter((field) => field !== null), ...(read.includes(null) ? names : [])];
    const columns = [...new Set(wanted)].map((field): ReadColumn => {
      const column = matchName(field, names);
      if (column !== null) return { name: field, column };
      throw new SluiceError("TARGET_MISMATCH", `table ${label} has no column ${field}`, { hint: `its columns are ${names.join(", ")}` });
    });
    return new TableLookup(client, schema, key, columns);
  }

  async find(keys: readonly string[], signal: AbortSignal): Promise<readonly FoundRow[]> {
    const found: FoundRow[] = new Array<FoundRow>(keys.length).fill(null);
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let index = next++; index < keys.length && !signal.aborted; index = next++)
        found[index] = await this.findOne(keys[index] as string);
    };
    await Promise.all(Array.from({ length: Math.min(SELECTS, keys.length) }, lane));
    if (signal.aborted) throw new SluiceError("STOPPED", `looking up rows of ${quoteTable(this.schema.name)} was given up`);
    return found;
  }

  private async findOne(key: string): Promise<FoundRow> {
    const values = this.valuesOf(key);
    if (values === null || "problem" in values) return values;
    const { rows } = await this.client.execute(this.query, [...values.bound], { prepare: true, isIdempotent: true }).catch(rethrow);
    const [row] = rows;
    // Not by `row.get`, which a column named "get" covers.
    return row === undefined ? null : Buffer.from(membersJson(this.columns.map(({ name, column }) => [name, row[column]])));
  }

  /** null: no row can have that key. */
  private valuesOf(key: string): { readonly bound: readonly CqlValue[] } | { readonly problem: string } | null {
    const parsed = parseExact(key);
    const parts: readonly unknown[] = this.key.length === 1 ? [parsed] : (parsed as unknown[]);
    const bound: CqlValue[] = [];
    for (const [index, column] of this.key.entries()) {
      const { name, typeText, type } = column;
      try {
        bound.push(toCql(type)(parts[index]));
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
        return { problem: `the column ${name} (${typeText}) cannot be that: ${error.message}` };
      }
    }
    return this.isEmptyKey(bound) ? null : { bound };
  }

  /** A partition key of one column that is empty, which the server takes for an error. */
  private isEmptyKey(bound: readonly CqlValue[]): boolean {
    const partition = bound.filter((_, index) => this.key[index]?.kind === "partition_key");
    const [only] = partition;
    return partition.length === 1 && (only === "" || (Buffer.isBuffer(only) && only.length === 0));
  }
}

function rethrow(error: unknown): never {
  throw sluiceError(error);
}
