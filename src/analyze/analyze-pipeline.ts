import type { Diagnostic, Path } from "../../grammar/ast.ts";
import { printStatement } from "../../grammar/print.ts";
import type { ParseResult } from "../../grammar/statement-ast.ts";
import type { Catalog, DeclaredStream } from "../catalog/catalog.ts";
import type { BoundPipeline, BoundStatement, BoundTarget } from "../model/statement.ts";
import { type BoundSelect, bindSelect } from "./bind-select.ts";
import { settleKeyFormats } from "./key-formats.ts";
import type { RunnableInsert } from "./not-yet.ts";
import { createReporter, finished, hasErrors, type Reporter } from "./reporter.ts";
import { checkName, type Names, type ResolvedSource, resolveSource, resolveTarget, topicKey } from "./resolve-name.ts";
import { addStream, applySet, openSession, type Session, sinkOf, soundStatements, sourceOf, statementSettings } from "./session.ts";
import { nameStatements } from "./statement-names.ts";

export interface PipelineOptions {
  readonly name: string;
  readonly catalog: Catalog;
  /** Under `pipelines.NAME` in sluice.yaml; SET overrides them. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface AnalyzedPipeline {
  /** null: there is an error among the diagnostics. */
  readonly pipeline: BoundPipeline | null;
  /** Of parser and analyzer, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Trees and catalog to bound statements. Reports as much as it can at once, and never throws for a text. */
export function analyzePipeline(parsed: ParseResult, options: PipelineOptions): AnalyzedPipeline {
  const report = createReporter(parsed.diagnostics);
  const { catalog } = options;
  const read = readStatements(parsed, options, report);
  const { names, inserts } = resolveNames(read, catalog, report);
  const statementNames = nameStatements(inserts, report);
  const bound = inserts.flatMap((insert, index) => {
    const select = bindInsert(insert, statementNames[index] as string, parsed.text, names);
    return select === null ? [] : [{ ...insert, ...select, written: insert.statement.target }];
  });
  const statements = settleKeyFormats(bound, report);
  warnOfSharedTargets(bound, report);
  refuseChangesAsStream(inserts, statements, report);
  const diagnostics = finished(report);
  if (hasErrors(diagnostics)) return { pipeline: null, diagnostics };
  const { parallelism } = read.last.settings;
  const topics = declaredTopics(read.own, statements, names);
  return { pipeline: { name: options.name, statements, parallelism, declaredTopics: topics }, diagnostics };
}

interface ReadInsert {
  readonly statement: RunnableInsert;
  readonly session: Session;
}

interface ReadStatements {
  readonly streams: ReadonlyMap<string, DeclaredStream>;
  /** Declared in this file. */
  readonly own: readonly DeclaredStream[];
  readonly inserts: readonly ReadInsert[];
  /** After the last SET: what concerns the pipeline as a whole. */
  readonly last: Session;
}

/** First pass: SET, CREATE STREAM, and which settings each INSERT has. */
function readStatements(parsed: ParseResult, options: PipelineOptions, report: Reporter): ReadStatements {
  const { catalog } = options;
  const streams = new Map(catalog.streams);
  const own: DeclaredStream[] = [];
  const inserts: ReadInsert[] = [];
  let session = openSession(options.settings ?? {}, catalog, report);
  for (const statement of soundStatements(parsed, report)) {
    switch (statement.kind) {
      case "set":
        session = applySet(session, statement, catalog, report);
        break;
      case "create": {
        const stream = addStream(streams, statement, session, catalog, report);
        if (stream !== null) own.push(stream);
        break;
      }
      case "insert":
        inserts.push({ statement, session });
        break;
      case "select":
      case "explain": {
        const isSelect = statement.kind === "select";
        const word = isSelect ? "SELECT" : "EXPLAIN";
        const hint = isSelect ? "INSERT INTO … before it, or sluice query" : "sluice explain shows the plans of a file";
        report.error("STATEMENT_NOT_ALLOWED", statement.span, `${word} has no place in a pipeline`, hint);
      }
    }
  }
  return { streams, own, inserts, last: session };
}

interface ResolvedInsert extends ReadInsert {
  readonly source: ResolvedSource;
  readonly target: BoundTarget;
}

/** Second pass: what stands after FROM and INTO. What is read by one statement is a topic for all of them. */
function resolveNames({ streams, own, inserts }: ReadStatements, catalog: Catalog, report: Reporter) {
  const topics = new Set<string>();
  const names: Names = { catalog, streams, topics, report };
  for (const { connection, topic } of [...own, ...catalog.streams.values()]) topics.add(`${connection}.${topic}`);
  const sources = inserts.map(({ statement, session }) => {
    const source = resolveSource(statement.select.from.path, sourceOf(session, catalog), names);
    if (source === null) return null;
    topics.add(topicKey(source));
    checkSource(source, statement, report);
    return source;
  });
  const resolved: ResolvedInsert[] = [];
  for (const [index, insert] of inserts.entries()) {
    const target = resolveTarget(insert.statement.target, sinkOf(insert.session, catalog), names);
    const source = sources[index] ?? null;
    if (source === null || target === null) continue;
    refuseLoop(insert.statement, source, target, report);
    resolved.push({ ...insert, source, target });
  }
  return { names, inserts: resolved };
}

function checkSource(source: ResolvedSource, { select }: RunnableInsert, report: Reporter): void {
  const { name, as } = source.connection;
  const { span } = select.from.path;
  if (as === "kafka" || as === "embedded") {
    checkName(source, "topic", span, report);
    return;
  }
  const message = `'${name}' (${as}) has no topics, and a pipeline reads topics`;
  report.error("SOURCE_NOT_ALLOWED", span, message, "sluice query reads an index or table once");
}

function refuseLoop({ target: written }: RunnableInsert, source: ResolvedSource, target: BoundTarget, report: Reporter): void {
  if (target.kind !== "topic" || target.connection !== source.connection.name || target.name !== source.name) return;
  const message = `the statement reads the topic '${target.name}' that it writes: it would never end`;
  report.error("STATEMENT_NOT_ALLOWED", written.span, message, "write to another topic");
}

function bindInsert({ statement, session, source, target }: ResolvedInsert, name: string, text: string, names: Names): BoundSelect | null {
  const input = {
    name,
    text,
    source,
    target,
    statementText: printStatement(statement),
    mode: statement.mode === "INSERT" ? "insert" : "upsert",
    select: statement.select,
    needsKey: names.catalog.connections.get(target.connection)?.as === "cassandra",
    settings: statementSettings(session, names),
    span: statement.target.span,
  } as const;
  return bindSelect(input, names.report);
}

/** Rows without PK carry the statement's name in their id; with PK two statements can mean the same row. */
function warnOfSharedTargets(bound: readonly (BoundSelect & { readonly written: Path })[], report: Reporter): void {
  const writers = new Map<string, string>();
  for (const { hasPk, statement, written } of bound) {
    if (!hasPk || statement.target === null) continue;
    const target = `${statement.target.connection}.${statement.target.name}`;
    const earlier = writers.get(target);
    if (earlier === undefined) {
      writers.set(target, statement.name);
      continue;
    }
    const message = `'${earlier}' writes to ${target} by PK too: of equal keys the highest version wins`;
    report.warning("SHARED_TARGET", written.span, message, "leave PK out to keep the rows of both");
  }
}

/** How many changes there are between two results depends on commits, so nothing may count them. */
function refuseChangesAsStream(inserts: readonly ResolvedInsert[], statements: readonly BoundStatement[], report: Reporter): void {
  for (const { statement, source } of inserts) {
    const writer = statements.find(({ aggregated, emit, target }) => {
      const isTopic = target?.kind === "topic" && target.connection === source.connection.name && target.name === source.name;
      return isTopic && aggregated && emit === "changes";
    });
    if (writer === undefined) continue;
    const message = `'${writer.name}' writes changing results to ${source.name}; as a stream every change would count`;
    report.error("SOURCE_NOT_ALLOWED", statement.select.from.path.span, message, "EMIT FINAL writes each result once");
  }
}

/** Topics to make with a partition count: of the file's own streams, and of those of the catalog that it uses. */
function declaredTopics(
  own: readonly DeclaredStream[],
  statements: readonly BoundStatement[],
  { catalog }: Names,
): BoundPipeline["declaredTopics"] {
  const used = (stream: DeclaredStream): boolean =>
    statements.some(
      ({ source, target }) =>
        (source.connection === stream.connection && source.topic === stream.topic) ||
        (target?.connection === stream.connection && target.name === stream.topic),
    );
  return [...own, ...[...catalog.streams.values()].filter(used)].flatMap(({ connection, topic, partitions }) =>
    partitions === null ? [] : [{ connection, topic, partitions }],
  );
}
