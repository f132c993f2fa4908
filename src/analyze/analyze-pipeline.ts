import type { Diagnostic, Join, Path, Relation, Select, Span, Stage } from "../../grammar/ast.ts";
import { printStatement } from "../../grammar/print.ts";
import type { InsertStatement, ParseResult, Statement } from "../../grammar/statement-ast.ts";
import { selectsOf } from "../../grammar/walk.ts";
import { type Catalog, type DeclaredStream, keyspaceOf } from "../catalog/catalog.ts";
import type { BoundQuery } from "../model/query.ts";
import { type BoundPipeline, type BoundStatement, type BoundTarget, inputsOf, keepsWindowsApart, writesTable } from "../model/statement.ts";
import { bindStages, type QueryEnvironment } from "./bind-query.ts";
import type { BoundSelect } from "./bind-select.ts";
import { bindMembers } from "./bind-union.ts";
import { changingTopics } from "./changing-topics.ts";
import { type CreateAsSelect, declareSelected, insertOf, isAsSelect, keyColumnOf } from "./create-as-select.ts";
import { settleKeyFormats } from "./key-formats.ts";
import { reportUnbuilt, unbuiltParts } from "./not-yet.ts";
import { createReporter, finished, hasErrors, type Reporter } from "./reporter.ts";
import {
  checkName,
  dotted,
  findStream,
  isLookedUp,
  type Names,
  type ResolvedSource,
  resolveDestination,
  resolveSource,
  resolveTarget,
  streamOfTarget,
  topicKey,
} from "./resolve-name.ts";
import {
  addStream,
  applySet,
  applyUnset,
  openSession,
  type Session,
  sinkOf,
  soundStatements,
  sourceOf,
  statementSettings,
} from "./session.ts";
import { nameStatements } from "./statement-names.ts";
import { refuseTopicsOfOneName } from "./topics-of-one-name.ts";
import { refuseTransactionsElsewhere } from "./transactions-elsewhere.ts";

export interface PipelineOptions {
  readonly name: string;
  readonly catalog: Catalog;
  /** Under `pipelines.NAME` in sluice.yaml; SET overrides them. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface AnalyzedPipeline {
  /** null: there is an error among the diagnostics. */
  readonly pipeline: BoundPipeline | null;
  /** What the statements mean, also where some of it cannot run yet (NOT_SUPPORTED_YET); null: there is another error. */
  readonly queries: readonly BoundRoute[] | null;
  /** Of parser and analyzer, in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
  /** Every relation that is read, by its places in the text; also where there are errors elsewhere. */
  readonly reads: readonly ReadPlace[];
  /** Where the statements of `pipeline` stand, in their order. */
  readonly places: readonly StatementPlace[];
  /** Those of the catalog and of the text, what CREATE … AS SELECT declares included. */
  readonly streams: ReadonlyMap<string, DeclaredStream>;
}

export interface ReadPlace {
  readonly source: ResolvedSource;
  readonly span: Span;
}

export interface StatementPlace {
  readonly target: Span;
  /** What is behind FROM. */
  readonly source: Span;
  readonly select: Select;
}

export interface BoundRoute {
  readonly name: string;
  /** null: an ad hoc SELECT. */
  readonly target: BoundTarget | null;
  readonly query: BoundQuery;
}

/** Trees and catalog to bound statements. Reports as much as it can at once, and never throws for a text. */
export function analyzePipeline(parsed: ParseResult, options: PipelineOptions): AnalyzedPipeline {
  const report = createReporter(parsed.diagnostics);
  const { catalog } = options;
  const read = readStatements(parsed, options, report);
  const { names, inserts, reads } = resolveNames(read, catalog, report);
  const statementNames = nameStatements(inserts, report);
  const bound = inserts.flatMap((insert, index) => {
    const name = statementNames[index] as string;
    if (insert.creates !== null && !declareColumns(insert.creates, insert, read.streams, names)) return [];
    const { target: written, select } = insert.statement;
    const members = bindInsert(insert, name, parsed.text, names);
    if (insert.creates !== null) declareKey(insert.creates, members, read.streams);
    return members.map((member, number) => {
      const own = select.union[number - 1] ?? select;
      return { ...insert, ...member, name, number, written, select: own, read: own.from.span };
    });
  });
  const statements = settleKeyFormats(bound, report);
  warnOfSharedTargets(bound, report);
  for (const { statement, written } of bound) if (statement !== null) refuseLoop(statement, written.span, report);
  refuseChangesAsStream(bound, report);
  refuseTransactionsElsewhere(bound, report);
  refuseTopicsOfOneName(bound, report);
  const diagnostics = finished(report);
  const isWhole = diagnostics.every(({ severity, code }) => severity === "warning" || code === "NOT_SUPPORTED_YET");
  const queries = isWhole ? bound.flatMap(({ name, number, target, query }) => (number === 0 ? [{ name, target, query }] : [])) : null;
  if (hasErrors(diagnostics)) return { pipeline: null, queries, diagnostics, reads, places: [], streams: read.streams };
  const { parallelism } = read.last.settings;
  const places = bound.map(({ written, read: source, select }) => ({ target: written.span, source, select }));
  const topics = declaredTopics(read.own, statements, names);
  const pipeline = { name: options.name, statements, parallelism, declaredTopics: topics };
  return { pipeline, queries, diagnostics, reads, places, streams: read.streams };
}

interface ReadInsert {
  readonly statement: InsertStatement;
  /** The CREATE … AS SELECT that it is part of. */
  readonly creates: CreateAsSelect | null;
  readonly session: Session;
  /** Of WITH before a `;`. */
  readonly stages: readonly Stage[];
}

interface ReadStatements {
  /** What CREATE … AS SELECT declares gets its columns when that is bound. */
  readonly streams: Map<string, DeclaredStream>;
  /** Declared in this file. */
  readonly own: readonly DeclaredStream[];
  readonly inserts: readonly ReadInsert[];
  /** After the last SET: what concerns the pipeline as a whole. */
  readonly last: Session;
}

/** First pass: SET, CREATE STREAM, WITH, and which of them each INSERT has. */
function readStatements(parsed: ParseResult, options: PipelineOptions, report: Reporter): ReadStatements {
  const { catalog } = options;
  const streams = new Map(catalog.streams);
  const own: DeclaredStream[] = [];
  const inserts: ReadInsert[] = [];
  const stages: Stage[] = [];
  let session = openSession(options.settings ?? {}, catalog, report);
  for (const statement of soundStatements(parsed)) {
    switch (statement.kind) {
      case "set":
        session = applySet(session, statement, catalog, report);
        break;
      case "unset":
        session = applyUnset(session, statement, report);
        break;
      case "with":
        reportUnbuilt(unbuiltParts(statement), report);
        stages.push(...statement.stages);
        break;
      case "create": {
        const unbuilt = isAsSelect(statement) ? [] : unbuiltParts(statement);
        reportUnbuilt(unbuilt, report);
        const stream = unbuilt.length > 0 ? null : addStream(streams, statement, session, catalog, report);
        if (stream === null) break;
        own.push(stream);
        if (isAsSelect(statement)) inserts.push({ statement: insertOf(statement), creates: statement, session, stages: [...stages] });
        break;
      }
      case "insert":
        inserts.push({ statement, creates: null, session, stages: [...stages] });
        break;
      default:
        refuseStatement(statement, report);
    }
  }
  return { streams, own, inserts, last: session };
}

const IN_SESSIONS = "sluice query executes it";

/** What each kind of statement is called, and where it belongs, that is no part of a pipeline. */
const ELSEWHERE: Partial<Record<Statement["kind"], readonly [word: string, hint: string]>> = {
  select: ["SELECT", "INSERT INTO … before it, or sluice query"],
  explain: ["EXPLAIN", "sluice explain shows the plans of a file"],
  "insert-values": ["INSERT … VALUES", IN_SESSIONS],
  drop: ["DROP", IN_SESSIONS],
  show: ["SHOW", IN_SESSIONS],
  describe: ["DESCRIBE", IN_SESSIONS],
  print: ["PRINT", IN_SESSIONS],
  pipeline: ["PAUSE, RESUME, RESTART or DROP PIPELINE", IN_SESSIONS],
  "assert-values": ["ASSERT", IN_SESSIONS],
  "assert-relation": ["ASSERT", IN_SESSIONS],
  "assert-topic": ["ASSERT", IN_SESSIONS],
};

function refuseStatement({ kind, span }: Statement, report: Reporter): void {
  const [word, hint] = ELSEWHERE[kind] ?? [kind.toUpperCase(), null];
  report.error("STATEMENT_NOT_ALLOWED", span, `${word} has no place in a pipeline`, hint);
}

interface ResolvedInsert extends ReadInsert {
  readonly target: BoundTarget;
  /** The field by which each record names its target. */
  readonly naming: Path | null;
}

/** Second pass: what stands after FROM, JOIN and INTO. What is read by one statement is a topic for all of them. */
function resolveNames({ streams, own, inserts }: ReadStatements, catalog: Catalog, report: Reporter) {
  const topics = new Set<string>();
  const names: Names = { catalog, streams, topics, report };
  for (const { connection, topic } of [...own, ...catalog.streams.values()]) topics.add(`${connection}.${topic}`);
  const reads: ReadPlace[] = [];
  const found = inserts.map(({ statement, session, stages }) =>
    readRelations(statement, stages).map(({ relation: { path }, join }) => {
      const source = resolveSource(path, sourceOf(session, catalog), names);
      if (source !== null && (join === null || !isLookedUp(source, join, topics))) topics.add(topicKey(source));
      return { source, join, span: path.span };
    }),
  );
  for (const { source, join, span } of found.flat()) {
    if (source === null) continue;
    const isLookup = join !== null && isLookedUp(source, join, topics);
    checkSource(source, isLookup, span, report);
    if (!isLookup) reads.push({ source, span });
  }
  const areKnown = found.map((relations) => relations.every(({ source }) => source !== null));
  const resolved: ResolvedInsert[] = [];
  for (const [index, insert] of inserts.entries()) {
    const { creates, session, statement } = insert;
    const sink = creates === null ? sinkOf(session, catalog) : (findStream(streams, dotted(creates.name))?.connection ?? "");
    const destination = resolveDestination(statement.target, sink, names);
    if (areKnown[index] !== true || destination === null) continue;
    const { target, naming } = destination;
    resolved.push({ ...insert, target, naming });
  }
  const changing = changingTopics(
    resolved.map(({ statement: { select }, stages, target, session }) => {
      const find = ({ from }: Select): ResolvedSource | null =>
        from.kind === "relation" ? resolveSource(from.path, sourceOf(session, catalog), { ...names, report: createReporter() }) : null;
      return { select, stages, target, find };
    }),
  );
  return { names: { ...names, changing }, inserts: resolved, reads };
}

/** All that is read by its places in the text, and the JOIN behind which it stands: of stages and sub-queries too. */
function readRelations(statement: InsertStatement, stages: readonly Stage[]): readonly ReadRelation[] {
  const selects = [...selectsOf(statement), ...stages.flatMap(({ select, span }) => selectsOf({ kind: "select", select, span }))];
  const own = selects.flatMap((select) => select.with.map(({ name }) => name.name));
  const names = new Set([...own, ...stages.map(({ name }) => name.name)]);
  return selects
    .flatMap(({ from, joins }) => [{ relation: from, join: null }, ...joins.map((join) => ({ relation: join.right, join }))])
    .flatMap(({ relation, join }) => (relation.kind === "relation" ? [{ relation, join }] : []))
    .filter(({ relation: { path } }) => path.parts.length !== 1 || !names.has(path.parts[0]?.name ?? ""));
}

interface ReadRelation {
  readonly relation: Relation;
  /** null: it stands behind FROM. */
  readonly join: Join | null;
}

function checkSource({ connection: { name, as }, ...source }: ResolvedSource, isLookup: boolean, span: Span, report: Reporter): void {
  if (isLookup || as === "kafka" || as === "embedded") {
    const kind = !isLookup ? "topic" : as === "elasticsearch" ? "index" : "table";
    checkName({ connection: { name, as, kind: as }, ...source }, kind, span, report);
    return;
  }
  const message = `'${name}' (${as}) has no topics, and a pipeline reads topics`;
  report.error("SOURCE_NOT_ALLOWED", span, message, "sluice query reads an index or table once");
}

function refuseLoop(statement: BoundStatement, written: Span, report: Reporter): void {
  const { target, late } = statement;
  const sources = inputsOf(statement);
  const own = [target, late].find(
    (to) => to?.kind === "topic" && sources.some((from) => from.connection === to.connection && from.topic === to.name),
  );
  if (own === undefined || own === null) return;
  const message = `the statement reads the topic '${own.name}' that it writes: it would never end`;
  report.error("STATEMENT_NOT_ALLOWED", written, message, "write to another topic");
}

/** Undeclared topics are streams, but for those into which the pipeline itself writes rows that replace each other. */
function environmentOf({ session, stages }: ReadInsert, names: Names): QueryEnvironment {
  const { catalog, report } = names;
  const find: QueryEnvironment["relations"]["find"] = (path, join) => {
    const source = resolveSource(path, sourceOf(session, catalog), names);
    if (source === null) return null;
    if (join !== null && isLookedUp(source, join, names.topics)) return { source, kind: "table", lookup: true };
    return { source, kind: source.stream?.kind ?? (names.changing?.has(topicKey(source)) === true ? "table" : "stream") };
  };
  const environment: QueryEnvironment = { relations: { find }, stages: new Map(), report };
  return { ...environment, stages: bindStages(stages, environment) };
}

/** What is selected; false: reported. */
function declareColumns(create: CreateAsSelect, insert: ReadInsert, streams: Map<string, DeclaredStream>, names: Names): boolean {
  const { catalog, report } = names;
  const standard = sourceOf(insert.session, catalog);
  const stream = declareSelected(create, standard, environmentOf(insert, names), catalog, report);
  if (stream !== null) streams.set(stream.name, stream);
  return stream !== null;
}

/** Statements behind it may group by the column that the key equals. */
function declareKey(create: CreateAsSelect, [first]: readonly BoundSelect[], streams: Map<string, DeclaredStream>): void {
  const stream = findStream(streams, dotted(create.name));
  const bound = first?.statement ?? null;
  if (stream === null || bound === null || stream.keyField !== null) return;
  const { connection, topic } = bound.source;
  const read = [...streams.values()].find((one) => one.connection === connection && one.topic === topic) ?? null;
  streams.set(stream.name, { ...stream, keyField: keyColumnOf(bound, read) });
}

function bindInsert(insert: ResolvedInsert, name: string, text: string, names: Names): readonly BoundSelect[] {
  const { statement, session, target, naming } = insert;
  const connection = names.catalog.connections.get(target.connection);
  const input = {
    name,
    reportedAs: name,
    columns: null,
    text,
    target,
    targetStream: naming === null ? streamOfTarget(target, names) : null,
    naming,
    environment: environmentOf(insert, names),
    statementText: printStatement(statement),
    mode: statement.mode === "INSERT" ? "insert" : "upsert",
    select: statement.select,
    system: connection?.as ?? "embedded",
    keyspace: connection === undefined ? null : keyspaceOf(connection),
    isEmbedded: connection?.kind === "embedded",
    settings: statementSettings(session, names),
    late: lateTarget(insert, names),
    span: statement.target.span,
    unbuilt: unbuiltParts(statement),
  } as const;
  return bindMembers(input, names.report);
}

/** What LATE INTO names; null: nothing, or it was reported. */
function lateTarget({ statement, session, target }: ResolvedInsert, names: Names): BoundTarget | null {
  const path = statement.select.late;
  const late = path === null ? null : resolveTarget(path, sinkOf(session, names.catalog), names);
  if (path === null || late === null) return null;
  const refuse = (message: string, hint: string): null => names.report.error("CLAUSE_NOT_ALLOWED", path.span, message, hint);
  if (late.connection === target.connection && late.name === target.name) {
    return refuse("late records and results have one target, where nobody can tell them apart", "LATE INTO takes a target of its own");
  }
  if (names.catalog.connections.get(late.connection)?.as === "cassandra") {
    return refuse("a table has a key, and late records are kept by their place in the log", "LATE INTO takes a topic or an index");
  }
  const format = streamOfTarget(late, names)?.layout.value.format ?? "json";
  if (format !== "json")
    return refuse(`late records are written as JSON, and '${late.name}' is declared as ${format}`, "declare it with format = 'json'");
  return late;
}

/** Rows without PK carry the statement's name in their id; with PK two statements can mean the same row. */
function warnOfSharedTargets(bound: readonly (BoundSelect & { readonly written: Path })[], report: Reporter): void {
  const writers = new Map<string, string>();
  for (const { hasPk, statement, written } of bound) {
    if (!hasPk || statement === null || statement.target === null) continue;
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

/**
 * How many changes there are between two results depends on commits, so nothing may count them; and records of a group's windows have one
 * key, unless PK says otherwise.
 */
function refuseChangesAsStream(bound: readonly (BoundSelect & { readonly read: Span })[], report: Reporter): void {
  const writers = bound.flatMap(({ statement }) => (statement !== null && writesTable(statement) ? [statement] : []));
  for (const { statement, read } of bound) {
    for (const source of statement === null ? [] : inputsOf(statement)) {
      const writer = writers.find(
        ({ target }) => target?.kind === "topic" && target.connection === source.connection && target.name === source.topic,
      );
      if (writer === undefined) continue;
      const hint = writer.window === null ? "read it as a table: SELECT TABLE …, or CREATE TABLE" : "EMIT FINAL writes each result once";
      const message = `'${writer.name}' writes changing results to ${source.topic}; as a stream every change would count`;
      if (source.reads === "stream") report.error("SOURCE_NOT_ALLOWED", read, message, hint);
      else if (!keepsWindowsApart(writer)) {
        const why = `'${writer.name}' writes the results of all windows of a group to ${source.topic} under one key`;
        const pk = writer.identity.kind === "columns" ? writer.identity.columns.map(({ name }) => name).join(", ") : "";
        const both = `EMIT FINAL writes each once; PK ${pk} tells them apart`;
        report.error("SOURCE_NOT_ALLOWED", read, `${why}: as rows of a table they would replace each other`, both);
      }
    }
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
      ({ source, target, late }) =>
        (source.connection === stream.connection && source.topic === stream.topic) ||
        [target, late].some((one) => one?.connection === stream.connection && one.name === stream.topic),
    );
  return [...own, ...[...catalog.streams.values()].filter(used)].flatMap(({ connection, topic, partitions }) =>
    partitions === null ? [] : [{ connection, topic, partitions }],
  );
}
