/** CQL text. Names are always quoted, values are always bound, so nothing that is read can become CQL. */

/** Keeps case and admits any character. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export interface TableName {
  readonly keyspace: string;
  readonly table: string;
}

/** `keyspace.table`, or `table` in the default keyspace; null where that cannot be the name of a table. */
export function tableName(name: string, defaultKeyspace: string | null): TableName | null {
  const parts = name.split(".");
  const [keyspace, table] = parts.length === 1 ? [defaultKeyspace, parts[0]] : parts;
  const sound = (part: string | null | undefined): part is string => typeof part === "string" && /^\w+$/.test(part);
  return parts.length <= 2 && sound(keyspace) && sound(table) ? { keyspace, table } : null;
}

export function quoteTable(name: TableName): string {
  return `${quoteName(name.keyspace)}.${quoteName(name.table)}`;
}

export interface ColumnDefinition {
  readonly name: string;
  /** CQL type. */
  readonly type: string;
}

/** The first key column is the partition key, the others are clustering columns. */
export function createTable(name: TableName, columns: readonly ColumnDefinition[], key: readonly string[]): string {
  const [partitionKey, ...clustering] = key.map(quoteName);
  const lines = columns.map((column) => `  ${quoteName(column.name)} ${column.type},`);
  const primaryKey = [`(${partitionKey})`, ...clustering].join(", ");
  return [`CREATE TABLE IF NOT EXISTS ${quoteTable(name)} (`, ...lines, `  PRIMARY KEY (${primaryKey})`, ")"].join("\n");
}

export function addColumns(name: TableName, columns: readonly ColumnDefinition[]): string {
  return `ALTER TABLE ${quoteTable(name)} ADD (${columns.map((column) => `${quoteName(column.name)} ${column.type}`).join(", ")})`;
}

export function createKeyspace(keyspace: string, replication: Readonly<Record<string, string>>): string {
  const options = Object.entries(replication).map(([name, value]) => `${quoteText(name)}: ${quoteText(value)}`);
  return `CREATE KEYSPACE IF NOT EXISTS ${quoteName(keyspace)} WITH replication = {${options.join(", ")}}`;
}

/** Parameters: the columns in order, then the write time in µs, then the TTL in seconds where there is one. */
export function insertRow(name: TableName, columns: readonly string[], ttl: boolean): string {
  const marks = columns.map(() => "?").join(", ");
  const using = `USING TIMESTAMP ?${ttl ? " AND TTL ?" : ""}`;
  return `INSERT INTO ${quoteTable(name)} (${columns.map(quoteName).join(", ")}) VALUES (${marks}) ${using}`;
}

/** Parameters: the write time in µs, then the primary key in order. */
export function deleteRow(name: TableName, primaryKey: readonly string[]): string {
  const key = primaryKey.map((column) => `${quoteName(column)} = ?`).join(" AND ");
  return `DELETE FROM ${quoteTable(name)} USING TIMESTAMP ? WHERE ${key}`;
}

export function selectAll(name: TableName, columns: readonly string[]): string {
  return `SELECT ${columns.map(quoteName).join(", ")} FROM ${quoteTable(name)}`;
}
