import type { Select, Span } from "../../grammar/ast.ts";
import type { DeclaredStream } from "../catalog/catalog.ts";
import type { BoundExpr } from "../model/expression.ts";
import { type Column, DELIMITER, type Format, type Layout, PLAIN_LAYOUT, type RecordLayout } from "../model/format.ts";
import type { BoundQuery } from "../model/query.ts";
import type { BoundStatement } from "../model/statement.ts";
import { typeName } from "../model/type.ts";
import { isSame } from "./bound-tree.ts";
import { formatProblem } from "./format-rules.ts";
import type { BoundKey } from "./identity.ts";
import type { Output, OutputColumn } from "./output-columns.ts";
import type { Reporter } from "./reporter.ts";
import { fieldLeaf, type Scope } from "./scope.ts";
import { isAssignable } from "./type-rules.ts";

export interface LayoutInput {
  /** What declares the target; null: nothing does. */
  readonly targetStream: DeclaredStream | null;
  readonly select: Select;
  readonly query: BoundQuery;
  readonly output: Output;
  readonly scope: Scope;
  /** What the key of rows is, without PARTITION BY. */
  readonly bound: BoundKey | null;
  /** Where the target is written. */
  readonly span: Span;
}

export interface TargetLayout {
  readonly layout: RecordLayout;
  readonly recordKey: BoundStatement["recordKey"];
}

/** How rows become records of a topic, as its stream declares them or WITHFORMAT says. What a format cannot hold is reported. */
export function bindTargetLayout(input: LayoutInput): TargetLayout {
  const { targetStream: stream } = input;
  const format = formatClause(input);
  const value = format === null ? (stream === null ? null : declaredValue(stream, input)) : givenValue(format, input);
  if (stream === null) return { layout: { ...PLAIN_LAYOUT, value }, recordKey: namedKey(input).recordKey };
  const { key, recordKey } = declaredKey(stream, input);
  return { layout: { key, value }, recordKey };
}

/** PARTITION BY comes before PK and groups; its parts are called as they are selected. */
function namedKey({ query: { partitionBy }, output, bound }: LayoutInput): Pick<BoundKey, "recordKey" | "keyNames"> {
  if (partitionBy.length === 0) return bound ?? { recordKey: null, keyNames: [] };
  const nameOf = (expr: BoundExpr): string | undefined => output.columns.find((column) => isSame(column.expr, expr))?.name;
  return { recordKey: partitionBy, keyNames: partitionBy.map((expr, index) => nameOf(expr) ?? `key${index + 1}`) };
}

// --- values ------------------------------------------------------------------------------------

interface GivenFormat {
  readonly format: Format;
  readonly span: Span;
}

const WORDS: Readonly<Record<string, Format>> = { JSON: "json", TEXT: "string", BINARY: "bytes" };

/** WITHFORMAT; null: it is not there, or was refused. */
function formatClause({ select: { clauses }, targetStream: stream, scope: { report } }: LayoutInput): GivenFormat | null {
  const clause = clauses.find(({ name }) => name === "WITHFORMAT");
  if (clause?.kind !== "text") return null;
  const { text, span } = clause;
  const format = WORDS[text.toUpperCase()];
  if (format === undefined) {
    return report.error("NOT_SUPPORTED_YET", span, `records in ${text} are not supported yet`, "JSON, TEXT and BINARY are");
  }
  if (stream === null || stream.layout.value.format === format) return { format, span };
  const declared = stream.layout.value.format;
  const message = `the stream '${stream.name}' is declared with the format '${declared}', not '${format}'`;
  return report.error("INVALID_VALUE", span, message, "leave WITHFORMAT out");
}

/** Of a topic that nothing declares, columns are what the statement selects. */
function givenValue({ format, span }: GivenFormat, { output, scope: { report } }: LayoutInput): Layout | null {
  if (format === "json" || refusesStar(format, output, report)) return null;
  const columns = output.columns.map(({ name, expr }) => ({ name, type: expr?.type ?? ({ kind: format } as Column["type"]) }));
  const typed = columns.map((column) => (column.type.kind === "any" ? { ...column, type: { kind: format } as Column["type"] } : column));
  const problem = formatProblem(format, typed, "value");
  if (problem === null) return { format, columns: typed, delimiter: DELIMITER };
  const at = output.columns.find(({ name }) => name === problem.column?.name)?.span ?? span;
  return report.error("INVALID_VALUE", at, problem.message, problem.hint);
}

function refusesStar(format: Format, { star, partialStars }: Output, report: Reporter): boolean {
  const at = star ?? partialStars[0];
  if (at === undefined || at === null) return false;
  const message = `the columns of * are not known, and a value of format '${format}' needs them`;
  report.error("INVALID_VALUE", at.span, message, "name the columns, or declare the source by CREATE STREAM");
  return true;
}

function declaredValue(stream: DeclaredStream, { output, scope: { report } }: LayoutInput): Layout | null {
  const { value, key } = stream.layout;
  if (value.format === "json" || refusesStar(value.format, output, report)) return null;
  // A whole text or bytes has no name of its own: the only column is it.
  const [only] = output.columns;
  const isWhole = value.columns.length === 0 && value.format !== "none";
  const columns = isWhole && only !== undefined ? [{ name: only.name, type: { kind: value.format } as Column["type"] }] : value.columns;
  for (const column of output.columns) {
    const wanted = columns.find(({ name }) => name === column.name);
    if (wanted !== undefined) checkType(column, wanted, stream, report);
    else if (!key.columns.some(({ name }) => name === column.name)) refuseColumn(column, columns, stream, report);
  }
  const missing =
    value.format === "delimited" ? undefined : columns.find(({ name }) => output.columns.every((column) => column.name !== name));
  if (missing !== undefined) {
    const message = `a value of '${stream.name}' is the column '${missing.name}', and it is not selected`;
    report.error(
      "INVALID_VALUE",
      output.columns[0]?.span ?? { start: 0, end: 0 },
      message,
      `select it, or an expression AS ${missing.name}`,
    );
  }
  return { ...value, columns };
}

function checkType({ expr, span, name }: OutputColumn, wanted: Column, stream: DeclaredStream, report: Reporter): void {
  if (expr === null || isAssignable(expr.type, wanted.type)) return;
  const message = `the column '${name}' of '${stream.name}' is ${typeName(wanted.type)}, but this is ${typeName(expr.type)}`;
  report.error("TYPE_MISMATCH", span, message, `CAST(… AS ${typeName(wanted.type)}) makes it one`);
}

function refuseColumn({ name, span }: OutputColumn, columns: readonly Column[], stream: DeclaredStream, report: Reporter): void {
  const { format } = stream.layout.value;
  const message = `'${stream.name}' has no column '${name}', and its format '${format}' has no place for others`;
  const hint = columns.length === 0 ? "its values have no columns" : `its columns are ${columns.map((column) => column.name).join(", ")}`;
  report.error("UNKNOWN_FIELD", span, message, hint);
}

// --- keys --------------------------------------------------------------------------------------

interface BoundRecordKey {
  readonly key: Layout | null;
  readonly recordKey: BoundStatement["recordKey"];
}

function declaredKey(stream: DeclaredStream, input: LayoutInput): BoundRecordKey {
  const { key } = stream.layout;
  const { recordKey, keyNames } = namedKey(input);
  const asIs = { key: null, recordKey };
  if (key.format === "none") return { key, recordKey };
  const given = recordKey ?? selectedKey(stream, input);
  if (given === null) return isSameKey(key, input.scope) ? asIs : convertedKey(stream, input);
  if (key.format === "string") return { key: null, recordKey: given };
  const { report } = input.scope;
  if (given.length === 0) {
    const message = `the one group of all rows has no key, and the keys of '${stream.name}' have the format '${key.format}'`;
    report.error("KEY_REQUIRED", input.span, message, "key_format = 'none', or GROUP BY what the key shall be");
    return asIs;
  }
  return laidOut(stream, given, recordKey === null ? key.columns.map(({ name }) => name) : keyNames, input);
}

/** The columns of SELECT that are the target's key columns, where nothing else says what the key is. */
function selectedKey({ keyField, layout: { key } }: DeclaredStream, { output }: LayoutInput): readonly BoundExpr[] | null {
  if (keyField !== null || key.columns.length === 0) return null;
  const exprs = key.columns.map(({ name }) => output.columns.find((column) => column.name === name)?.expr ?? null);
  const found = exprs.filter((expr) => expr !== null);
  return found.length === exprs.length ? found : null;
}

/** How keys of what is read are written: where a stage gives rows, as in the topic below it. null: as text, as groups have them. */
function sourceKey({ source: { stream }, relations: [first] }: Scope): Layout | null {
  if (first?.stage === undefined) return stream?.layout.key ?? null;
  const { aggregated, scope } = first.stage.parts;
  return aggregated ? null : sourceKey(scope);
}

/** Whether the keys of the source are those of the target, byte for byte. */
function isSameKey(key: Layout, scope: Scope): boolean {
  const own = sourceKey(scope);
  if (own === null) return key.format === "string" || key.format === "bytes";
  if (key.format === "bytes" || key.format !== own.format) return key.format === "bytes";
  const typesOf = ({ columns }: Layout): string => JSON.stringify(columns.map(({ type }) => type));
  return key.format === "json" || key.format === "string" || (typesOf(own) === typesOf(key) && own.delimiter === key.delimiter);
}

/** The source's key, read by its format and written by the target's. */
function convertedKey(stream: DeclaredStream, input: LayoutInput): BoundRecordKey {
  const { scope, span } = input;
  const source = sourceKey(scope);
  const [first, second] = source?.columns ?? [];
  const isSeveral = source?.format === "delimited" && first !== undefined && second !== undefined;
  if (scope.source.stream === null) scope.keyUse.whole ??= span;
  const leaves = isSeveral
    ? source.columns.map(({ name, type }) => fieldLeaf(scope, span, "key", [name], type))
    : [
        fieldLeaf(
          scope,
          span,
          "key",
          [],
          source === null || source.format === "string" ? { kind: "string" } : (first?.type ?? { kind: "any" }),
        ),
      ];
  const exprs = leaves.filter((leaf) => leaf !== null);
  return laidOut(stream, exprs, isSeveral ? source.columns.map(({ name }) => name) : [], input);
}

/** Parts of a key by the names of the target's columns, or in their order. */
function laidOut(
  stream: DeclaredStream,
  exprs: readonly BoundExpr[],
  names: readonly string[],
  { scope, span }: LayoutInput,
): BoundRecordKey {
  const { key } = stream.layout;
  const { report } = scope;
  const columns =
    key.columns.length > 0 ? key.columns : exprs.map(({ type }, index) => ({ name: names[index] ?? `key${index + 1}`, type }));
  const problem = formatProblem(key.format, columns, "key");
  if (columns.length !== exprs.length) {
    const parts = exprs.length === 1 ? "1 part" : `${exprs.length} parts`;
    const message = `a key of '${stream.name}' is ${list(columns)}, but this one has ${parts}`;
    report.error("COLUMNS_DIFFER", span, message, `PK ${columns.map(({ name }) => name).join(", ")} makes it`);
    return { key: null, recordKey: exprs };
  }
  if (problem !== null) report.error("INVALID_VALUE", span, problem.message, problem.hint);
  const byName = columns.every(({ name }) => names.includes(name));
  const ordered = columns.map(({ name }, index) => exprs[byName ? names.indexOf(name) : index] as BoundExpr);
  for (const [index, { name, type }] of columns.entries()) {
    const own = (ordered[index] as BoundExpr).type;
    if (isAssignable(own, type)) continue;
    const message = `the key '${name}' of '${stream.name}' is ${typeName(type)}, but this one is ${typeName(own)}`;
    report.error("TYPE_MISMATCH", span, message, `PK names a column that is ${typeName(type)}`);
  }
  return { key: { ...key, columns }, recordKey: ordered };
}

const list = (columns: readonly Column[]): string => columns.map(({ name, type }) => `${name} ${typeName(type)}`).join(", ");
