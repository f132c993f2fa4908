import type { Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import type { CreateStatement, Option } from "../../grammar/statement-ast.ts";
import type { Catalog, DeclaredStream } from "../catalog/catalog.ts";
import type { DeclaredLayout } from "../model/format.ts";
import { typeName } from "../model/type.ts";
import { declareLayout, type WrittenText } from "./declare-formats.ts";
import { didYouMean, type Reporter } from "./reporter.ts";
import { checkName, dotted } from "./resolve-name.ts";
import { resolveType } from "./resolve-type.ts";

/** Options of CREATE STREAM by canonical name. */
const OPTIONS = {
  connection: [],
  topic: ["kafka_topic"],
  format: ["value_format"],
  value_delimiter: [],
  key_format: [],
  key_delimiter: [],
  key: [],
  timestamp: [],
  partitions: [],
} as const;

type OptionName = keyof typeof OPTIONS;
export const STREAM_OPTIONS = Object.keys(OPTIONS) as readonly OptionName[];

const PARTITIONS_MAX = 100_000;

type Column = DeclaredStream["columns"][number];

/** A CREATE STREAM; null: it was refused. `columns` may be empty: then only the options are declared. */
export function declareStream(statement: CreateStatement, standard: string, catalog: Catalog, report: Reporter): DeclaredStream | null {
  const name = dotted(statement.name);
  if (name === "") return null;
  const columns = readColumns(statement, report);
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
  checkName({ connection, name: topic }, "topic", options.get("topic")?.span ?? statement.name.span, report);
  return { name, connection: connection.name, topic, columns, keyField, keyFormat: layout.key.format, layout, timestampField, partitions };
}

export function readColumns(statement: CreateStatement, report: Reporter): readonly Column[] | null {
  const columns: Column[] = [];
  let sound = true;
  for (const { name, type } of statement.columns) {
    const resolved = resolveType(type, report);
    sound &&= resolved !== null && name.name !== "";
    if (columns.some((given) => given.name === name.name)) {
      report.error("DUPLICATE_NAME", name.span, `there are two columns '${name.name}'`);
      sound = false;
    }
    if (resolved !== null) columns.push({ name: name.name, type: resolved });
  }
  return sound ? columns : null;
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
      report.error("DUPLICATE_NAME", option.span, `the option '${found}' is given twice`);
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
  const keys = columns.filter(({ name: own }) => own === keyField);
  return declareLayout(
    { format: textOf("key_format"), delimiter: textOf("key_delimiter"), usual: "string", columns: keys, spanOf },
    { format: textOf("format"), delimiter: textOf("value_delimiter"), usual: "json", columns, spanOf },
    report,
  );
}

/** undefined: refused. */
function column(options: Options, name: "key" | "timestamp", columns: readonly Column[], report: Reporter): string | null | undefined {
  const option = options.get(name);
  if (option === undefined) return null;
  const value = text(options, name, report);
  if (value === null) return undefined;
  const names = columns.map((given) => given.name);
  if (names.length === 0 || names.includes(value)) return value;
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
