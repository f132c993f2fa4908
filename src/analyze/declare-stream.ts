import type { Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import type { ColumnDefinition, CreateStatement, Option } from "../../grammar/statement-ast.ts";
import type { Catalog, ColumnPlace, DeclaredColumn, DeclaredStream } from "../catalog/catalog.ts";
import type { DeclaredLayout, Format } from "../model/format.ts";
import { isNested, typeName } from "../model/type.ts";
import { declareLayout, type WrittenText } from "./declare-formats.ts";
import { didYouMean, type Reporter } from "./reporter.ts";
import { checkName, dotted } from "./resolve-name.ts";
import { resolveType } from "./resolve-type.ts";

/** Options of CREATE STREAM by canonical name, with what ksqlDB and Flink call them. */
const OPTIONS = {
  connection: ["connector"],
  topic: ["kafka_topic"],
  format: ["value_format", "value.format"],
  value_delimiter: [],
  key_format: ["key.format"],
  key_delimiter: [],
  key: [],
  timestamp: [],
  partitions: [],
} as const;

type OptionName = keyof typeof OPTIONS;
export const STREAM_OPTIONS = Object.keys(OPTIONS) as readonly OptionName[];

const PARTITIONS_MAX = 100_000;

type Column = DeclaredColumn;

/**
 * A CREATE STREAM or TABLE; null: it was refused. `columns` may be empty: then only the options are declared.
 * `selected`: of CREATE … AS SELECT.
 */
export function declareStream(
  statement: CreateStatement,
  standard: string,
  catalog: Catalog,
  report: Reporter,
  selected: readonly Column[] | null = null,
): DeclaredStream | null {
  const name = dotted(statement.name);
  if (name === "") return null;
  const columns = selected ?? readColumns(statement, report);
  const options = readOptions(statement.options, report);
  if (columns === null || options === null) return null;
  const connection = readConnection(statement, options, standard, catalog, report);
  const topic = text(options, "topic", report) ?? name;
  const keyField = column(options, "key", columns, report);
  const layout = readLayout(statement, options, columns, keyField ?? null, report);
  const timestampField = column(options, "timestamp", columns, report);
  const partitions = readPartitions(options, report);
  if (connection === null || layout === null || keyField === undefined || timestampField === undefined) return null;
  if (partitions === undefined || !isTimeColumn(options, timestampField, columns, report)) return null;
  if (!hasOneKey(statement, options, report)) return null;
  checkName({ connection, name: topic }, "topic", options.get("topic")?.span ?? statement.name.span, report);
  const kind = statement.relation === "TABLE" ? "table" : "stream";
  return {
    name,
    kind,
    connection: connection.name,
    topic,
    columns,
    keyField,
    keyFormat: layout.key.format,
    layout,
    timestampField,
    partitions,
  };
}

const isKey = ({ role }: ColumnDefinition): boolean => role?.kind === "KEY" || role?.kind === "PRIMARY KEY";

/** The key is columns or an option; rows of a table have one. */
function hasOneKey({ relation, columns, select, name }: CreateStatement, options: Options, report: Reporter): boolean {
  const keys = columns.filter(isKey);
  const option = options.get("key");
  const [first] = keys;
  if (first?.role && option !== undefined) {
    report.error(
      "DUPLICATE_NAME",
      option.span,
      `the key is given twice: by the column '${first.name.name}' and by this option`,
      "keep one of them",
    );
    return false;
  }
  const [wanted, other] = relation === "TABLE" ? ["PRIMARY KEY", "KEY"] : ["KEY", "PRIMARY KEY"];
  const wrong = keys.find(({ role }) => role?.kind === other);
  if (wrong?.role) {
    const why = relation === "TABLE" ? "rows of one key replace" : "records of one key do not replace";
    const message = `the key of a ${relation.toLowerCase()} is written ${wanted}, because ${why} each other`;
    report.error("INVALID_VALUE", wrong.role.span, message, `write ${wanted}`);
    return false;
  }
  if (relation === "STREAM" || first !== undefined || option !== undefined || columns.length === 0 || select !== null) return true;
  report.error(
    "KEY_REQUIRED",
    name.span,
    "a table has a key: of the rows of one key the latest counts",
    "for example id STRING PRIMARY KEY",
  );
  return false;
}

export function readColumns(statement: Pick<CreateStatement, "columns">, report: Reporter): readonly Column[] | null {
  const columns: Column[] = [];
  const keys = statement.columns.filter(isKey).length;
  let sound = true;
  for (const { name, type, role } of statement.columns) {
    const resolved = resolveType(type, report);
    sound &&= resolved !== null && name.name !== "";
    if (columns.some((given) => given.name === name.name)) {
      report.error("DUPLICATE_NAME", name.span, `there are two columns '${name.name}'`, "give one of them another name");
      sound = false;
    }
    const place = placeOf(role, keys);
    if (resolved !== null) columns.push({ name: name.name, type: resolved, ...(place === null ? {} : { place }) });
  }
  return sound ? columns : null;
}

/** One key column is the key, several are its fields. */
function placeOf(role: ColumnDefinition["role"], keys: number): ColumnPlace | null {
  switch (role?.kind) {
    case "KEY":
    case "PRIMARY KEY":
      return { of: keys === 1 ? "key" : "key-field" };
    case "HEADER":
      return { of: "header", name: role.header ?? "" };
    default:
      return null;
  }
}

function readOptions(options: readonly Option[], report: Reporter): ReadonlyMap<OptionName, Option> | null {
  const names = Object.entries(OPTIONS) as [OptionName, readonly string[]][];
  const read = new Map<OptionName, Option>();
  let sound = true;
  for (const option of options) {
    const written = option.name.name.toLowerCase();
    if (written === "") return null;
    const found = names.find(([name, synonyms]) => name === written || synonyms.includes(written))?.[0];
    if (found !== undefined && !read.has(found)) {
      read.set(found, option);
      continue;
    }
    sound = false;
    if (found !== undefined) {
      report.error("DUPLICATE_NAME", option.span, `the option '${found}' is given twice`, "keep one of them");
      continue;
    }
    const all = names.flatMap(([name, synonyms]) => [name, ...synonyms]);
    const hint = didYouMean(nearest(written, all)) ?? `options are ${Object.keys(OPTIONS).join(", ")}`;
    report.error("UNKNOWN_OPTION", option.name.span, `CREATE STREAM has no option '${option.name.name}'`, hint);
  }
  return sound ? read : null;
}

type Options = ReadonlyMap<OptionName, Option>;

function text(options: Options, name: OptionName, report: Reporter): string | null {
  const option = options.get(name);
  if (option === undefined) return null;
  if (typeof option.value === "string" && option.value !== "") return option.value;
  return report.error("INVALID_VALUE", option.span, `'${name}' takes a text in quotes`, `for example ${name} = 'readings'`);
}

function readConnection(statement: CreateStatement, options: Options, standard: string, catalog: Catalog, report: Reporter) {
  const name = text(options, "connection", report) ?? standard;
  const connection = catalog.connections.get(name);
  const span = options.get("connection")?.span ?? statement.name.span;
  if (connection === undefined) {
    const known = [...catalog.connections.keys()];
    const hint = didYouMean(nearest(name, known)) ?? `connections are ${known.join(", ")}`;
    return report.error("UNKNOWN_CONNECTION", span, `there is no connection '${name}'`, hint);
  }
  if (connection.as === "kafka" || connection.as === "embedded") return connection;
  return report.error(
    "SOURCE_NOT_ALLOWED",
    span,
    `'${name}' (${connection.as}) has no topics`,
    "WITH (connection = '…') names the one that has",
  );
}

function readLayout(
  { columns: written, name }: CreateStatement,
  options: Options,
  columns: readonly Column[],
  keyField: string | null,
  report: Reporter,
): DeclaredLayout | null {
  const textOf = (option: OptionName): WrittenText | null => {
    const value = text(options, option, report);
    return value === null ? null : { text: value, span: options.get(option)?.span ?? name.span };
  };
  const spanOf = (column: Pick<Column, "name">): Span =>
    written.find((definition) => definition.name.name === column.name)?.span ?? name.span;
  const keys = columns.filter((column) => (keyField === null ? isKeyPlace(column) : column.name === keyField));
  const values = columns.filter(({ place }) => place === undefined);
  return declareLayout(
    { format: textOf("key_format"), delimiter: textOf("key_delimiter"), usual: usualKeyFormat(columns), columns: keys, spanOf },
    { format: textOf("format"), delimiter: textOf("value_delimiter"), usual: "json", columns: values, spanOf },
    report,
  );
}

const isKeyPlace = ({ place }: Column): boolean => place?.of === "key" || place?.of === "key-field";

/** Fields of a key are those of a JSON object; a key alone is text, or bytes where it is declared so. */
function usualKeyFormat(columns: readonly Column[]): Format {
  if (columns.some(({ place }) => place?.of === "key-field")) return "json";
  const key = columns.find(({ place }) => place?.of === "key");
  if (key === undefined) return "string";
  return key.type.kind === "bytes" ? "bytes" : isNested(key.type) ? "json" : "string";
}

/** undefined: refused. */
function column(options: Options, name: "key" | "timestamp", columns: readonly Column[], report: Reporter): string | null | undefined {
  const option = options.get(name);
  if (option === undefined) return null;
  const value = text(options, name, report);
  if (value === null) return undefined;
  const names = columns.filter(({ place }) => place === undefined).map((given) => given.name);
  if (columns.length === 0 || names.includes(value)) return value;
  const hint = didYouMean(nearest(value, names)) ?? `columns are ${names.join(", ")}`;
  report.error("UNKNOWN_FIELD", option.span, `'${name}' names no column of this stream: '${value}'`, hint);
  return undefined;
}

/** Event time comes from ISO 8601 text or epoch milliseconds. */
function isTimeColumn(options: Options, name: string | null, columns: readonly Column[], report: Reporter): boolean {
  const type = columns.find((given) => given.name === name)?.type;
  if (type === undefined || type.kind === "timestamp" || type.kind === "bigint") return true;
  const span = options.get("timestamp")?.span ?? { start: 0, end: 0 };
  const hint = "TIMESTAMP reads ISO 8601 text and epoch milliseconds";
  report.error("TYPE_MISMATCH", span, `event time needs a TIMESTAMP or BIGINT column; '${name}' is ${typeName(type)}`, hint);
  return false;
}

/** undefined: refused. */
function readPartitions(options: Options, report: Reporter): number | null | undefined {
  const option = options.get("partitions");
  if (option === undefined) return null;
  const { value, span } = option;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= PARTITIONS_MAX) return value;
  report.error("INVALID_VALUE", span, `'partitions' takes a whole number from 1 to ${PARTITIONS_MAX}`, "for example partitions = 4");
  return undefined;
}
