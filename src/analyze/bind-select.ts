import type { Clause, Path, Select, Span } from "../../grammar/ast.ts";
import type { DeclaredStream } from "../catalog/catalog.ts";
import type { RecordLayout } from "../model/format.ts";
import type { BoundQuery, QueryColumns } from "../model/query.ts";
import type { BoundIdentity, BoundStatement, BoundTarget, StatementSettings } from "../model/statement.ts";
import type { ConnectionKind } from "../ports/connection.ts";
import { withLookups } from "./bind-lookup.ts";
import { bindQuery, type QueryEnvironment, type QueryParts } from "./bind-query.ts";
import { bindStage, keepsRecordKeys, lieInOne, type StageQuery, sourceOfStage, withStages } from "./bind-stage.ts";
import { isSame } from "./bound-tree.ts";
import { bindClauses, bindEmit, bindEmitEvery } from "./clauses.ts";
import { bindTargetName } from "./dynamic-target.ts";
import { eventTimes } from "./event-times.ts";
import { refuseScattered } from "./gathering.ts";
import {
  type BoundKey,
  bindKey,
  checkTableKey,
  coversKey,
  idsCoveredByKey,
  type KeyInput,
  refuseMovingIds,
  requirePk,
  warnOfUncoveredKey,
} from "./identity.ts";
import { checkIndexOptions } from "./index-options.ts";
import { bindJoined, sourceOfRelation } from "./join-steps.ts";
import { withColumns } from "./member-columns.ts";
import { reportUnbuilt, type Unbuilt } from "./not-yet.ts";
import { ranksBelow } from "./over-stage.ts";
import { bindRecordTime, recordKeyClause, withPlaces } from "./record-delivery.ts";
import type { Reporter } from "./reporter.ts";
import { aroundRows, looksAround } from "./row-wise.ts";
import type { Scope, ScopeRelation } from "./scope.ts";
import { groupsOfTable, isOfTable, refuseTimesOfTables, tableIdentity, unbuiltOfTables } from "./table-reads.ts";
import { bindTargetLayout } from "./target-layout.ts";
import { unbuiltOf } from "./unbuilt-parts.ts";

/** A SELECT with everything around it resolved. */
export interface SelectInput {
  readonly name: string;
  /** Of a member of a UNION ALL the name of the whole. */
  readonly reportedAs: string;
  /** What the columns are called, and their types, where the other members of a UNION ALL decide about that; null: it does itself. */
  readonly columns: QueryColumns;
  /** Canonical, of the whole statement. */
  readonly statementText: string;
  /** Of the file, for places inside clauses. */
  readonly text: string;
  readonly mode: "insert" | "upsert";
  readonly select: Select;
  readonly environment: QueryEnvironment;
  /** null: an ad hoc SELECT. */
  readonly target: BoundTarget | null;
  /** What declares the topic that it is; null: nothing does. */
  readonly targetStream: DeclaredStream | null;
  /** The field by which each record names its target; null: the target is a fixed one. */
  readonly naming: Path | null;
  /** What the target's connection leads to: Cassandra has key rules of its own. */
  readonly system: ConnectionKind;
  /** Where tables are that records name without a keyspace; null: nowhere. */
  readonly keyspace: string | null;
  /** The target is kept by the embedded store, which stands in for that. */
  readonly isEmbedded: boolean;
  readonly settings: StatementSettings;
  /** LATE INTO. */
  readonly late: BoundTarget | null;
  /** Where the target, or an ad hoc SELECT, is written. */
  readonly span: Span;
  /** What is not built of what is written; then there is a query, but no statement. */
  readonly unbuilt: readonly Unbuilt[];
}

/** What else the pipeline must know of a statement. */
export interface BoundSelect {
  readonly query: BoundQuery;
  /** null: it cannot run. */
  readonly statement: BoundStatement | null;
  /** Its rows are identified by PK. */
  readonly hasPk: boolean;
  /** The source is a declared stream. */
  readonly isDeclared: boolean;
  readonly keyUse: Scope["keyUse"];
}

/** null: too little is known to say anything about the statement, and it was reported. */
export function bindSelect(input: SelectInput, report: Reporter): BoundSelect | null {
  const { select } = input;
  const bound = bindOuter(looksAround(select) ? { ...input, select: aroundRows(select) } : input, report);
  if (bound !== null && bound.statement !== null) checkIndexOptions(select, bound.statement, report);
  return bound;
}

function bindOuter(input: SelectInput, report: Reporter): BoundSelect | null {
  const { select, target, environment } = input;
  const own = bindQuery(select, environment);
  const parts = own === null || input.columns === null ? own : withColumns(own, input.columns);
  if (parts === null) return null;
  const { query, scope, output, grouping, aggregated } = parts;
  const from = scope.relations[0] as ScopeRelation;
  const shape = { ...input, aggregated, windowed: scope.windowed };
  const clauses = bindClauses(select.clauses, shape, report);
  const timeOf = eventTimes(query, select, scope, input.settings);
  const { steps: joins, lookups, key: joined } = bindJoined(query, select, scope, timeOf);
  const isOfRows = !aggregated && isOfTable(query);
  const isTopic = target?.kind === "topic" && input.mode === "insert";
  const recordKey = recordKeyClause(select.clauses, isTopic, report);
  const appends = isTopic && !isOfRows;
  const keyInput: KeyInput = { scope, output, window: query.window, grouping, pk: clauses.pk ?? recordKey.fields, joined, appends };
  const bound = aggregated && grouping === null ? null : keyOf(input, keyInput, parts, clauses.pk?.span ?? select.from.span);
  const identity: BoundIdentity = bound?.identity ?? { kind: "coordinates" };
  const emit = bindEmit(select, shape);
  if (query.window?.kind === "session" && emit === "changes") refuseMovingIds(keyInput, identity);
  const unbuilt = [...input.unbuilt, ...unbuiltOf(parts, input), ...unbuiltOfTables(parts, select)];
  refuseTimesOfTables(parts, select, report);
  if (select.partitionBy.length > 0 && !appends) refusePartitions(select, report);
  const recordTime = bindRecordTime(select.clauses, aggregated, scope);
  const targetName = aggregated && grouping === null ? null : bindTargetName({ ...input, scope, grouping, clauses: select.clauses });
  const written = bindTargetLayout({ ...input, query, output, scope, bound });
  refuseUnmet(select, { layout: written.layout, isOpen: query.items.some(({ kind }) => kind !== "column") }, target, report);
  reportUnbuilt(unbuilt, report);
  const [stage, keyUse] = [bindStage(from, input, parts, identity), from.stage === undefined ? scope.keyUse : NO_KEY_USE];
  const steps = withStages(joins, input, parts);
  const found = { query, hasPk: clauses.pk !== null && !appends, isDeclared: scope.source.stream !== null, keyUse };
  if (unbuilt.length > 0 || steps === null || (query.from.kind === "query" && stage === null)) return { ...found, statement: null };
  const statement: BoundStatement = {
    name: input.name,
    reportedAs: input.reportedAs,
    distinct: query.distinct,
    text: input.statementText,
    mode: input.mode,
    source: stage === null ? sourceOfRelation(from, timeOf(0, select.from.span)) : sourceOfStage(stage, from),
    stage,
    over: null,
    joins: steps,
    lookups,
    target,
    targetName,
    targetOptions: { ...clauses.options, dynamic: targetName !== null, layout: written.layout },
    unnests: query.unnests,
    ...withLookups(lookups, withPlaces(query.where, select.clauses), scope),
    window: query.window,
    groupBy: query.groupBy,
    ...groupsOfTable(query, keepsRecordKeys(parts) ? null : joined),
    aggregated,
    items: query.items,
    identity,
    ...recordKeyOf(written, keyInput, query),
    keyDelimiter: recordKey.delimiter,
    recordTime,
    tombstones: clauses.tombstones,
    emit,
    emitEveryMs: bindEmitEvery(select),
    late: input.late,
    suffix: clauses.suffix,
    batchSize: clauses.batchSize,
    ttlSeconds: clauses.ttlSeconds,
    autocreate: clauses.autocreate || input.settings.autocreate,
    limit: select.limit?.count ?? null,
    idsCoveredByKey: idsCoveredByKey(identity, grouping, scope),
    needsSinglePartition: lieInOne(stage, steps) || (grouping !== null && !coversKey(grouping.exprs, scope)),
    settings: startingAt(select, parts, input.settings),
  };
  refuseScattered(statement, groupSpan(select), report);
  return { ...found, statement };
}

/** Of rows of streams that are joined, and for which nothing names a key, it may be NULL. */
function recordKeyOf(
  { recordKey }: Pick<BoundStatement, "recordKey">,
  { joined, grouping, pk }: KeyInput,
  { partitionBy }: BoundQuery,
): Pick<BoundStatement, "recordKey" | "recordKeyMayBeNull"> {
  const isNamed = grouping !== null || pk !== null || partitionBy.length > 0;
  return { recordKey, recordKeyMayBeNull: joined?.of === "streams" && !isNamed };
}

/** Rows that share a place need another name. */
function refuseSharedPlaces({ from }: Select, report: Reporter): void {
  const message = "rows that share a place cannot be told apart by it";
  report.error("KEY_REQUIRED", from.span, message, "PK names what tells the rows apart, or ROW_NUMBER gives each a place of its own");
}

const NO_KEY_USE: Scope["keyUse"] = { whole: null, fields: null };

function startingAt({ startAt }: Select, { startMs }: QueryParts, settings: StatementSettings): StatementSettings {
  if (startMs !== null) return { ...settings, start: startMs };
  if (startAt === null || startAt.position === "TIME") return settings;
  return { ...settings, start: startAt.position === "EARLIEST" ? "earliest" : "latest" };
}

/** What clauses say that the columns, or the declaration of the target, leave no room for. */
function refuseUnmet(
  { clauses, window, emit, limit }: Select,
  { layout, isOpen }: { readonly layout: RecordLayout; readonly isOpen: boolean },
  target: BoundTarget | null,
  report: Reporter,
): void {
  if (target !== null) refuseLimit(limit, report);
  const find = (name: Clause["name"]): Clause | undefined => clauses.find((clause) => clause.name === name);
  const [evolve, delimiter, suffix] = [find("AUTOEVOLVE"), find("KEYDELIMITER"), find("WITHINDEXSUFFIX")];
  if (suffix !== undefined && window?.kind === "count" && emit?.mode !== "FINAL") {
    const message = "WITHINDEXSUFFIX needs a time that stays, and a window of rows has one when it is full";
    report.error("CLAUSE_NOT_ALLOWED", suffix.span, message, "EMIT FINAL writes full windows");
  }
  if (evolve !== undefined && isOpen && target?.kind === "table") {
    const message = "AUTOEVOLVE adds columns that the statement names, and * of an undeclared topic names none";
    report.error("CLAUSE_NOT_ALLOWED", evolve.span, message, "select fields by name, or declare the topic with CREATE STREAM");
  }
  if (delimiter !== undefined && layout.key !== null) {
    const message = "KEYDELIMITER makes a text of the key, and the target's stream declares another format";
    report.error("CLAUSE_NOT_ALLOWED", delimiter.span, message, "leave it out, or declare the stream with key_format = 'string'");
  }
}

function refuseLimit(limit: Select["limit"], report: Reporter): void {
  if (limit !== null) report.error("CLAUSE_NOT_ALLOWED", limit.span, "LIMIT ends a SELECT; a pipeline does not end", "leave LIMIT out");
}

function refusePartitions({ partitionBy }: Select, report: Reporter): void {
  const span = { start: partitionBy[0]?.span.start ?? 0, end: partitionBy.at(-1)?.span.end ?? 0 };
  const message = "PARTITION BY says which key records get, and only INSERT INTO a topic writes such";
  report.error("CLAUSE_NOT_ALLOWED", span, message, "PK names the key of a row");
}

/** Rows of a table have its key, those of a ranking their places. */
function keyOf(input: SelectInput, key: KeyInput, parts: QueryParts, span: Span): BoundKey | null {
  const { query, scope, aggregated } = parts;
  const named = checkKey(input, key);
  if (named === null || aggregated || !isOfTable(query) || query.joins.length > 0) return named;
  const stage = scope.relations[0]?.stage;
  if (stage?.parts.aggregated === true) return keyOfGroups(named, key, stage, parts, span);
  if (!ranksBelow(scope)) return keyOfRows(named, parts, span);
  if (input.target !== null && named.identity.kind === "coordinates") refuseSharedPlaces(input.select, scope.report);
  return named;
}

/** Of the groups of a stage that change. */
function keyOfGroups(named: BoundKey, { joined }: KeyInput, stage: StageQuery, parts: QueryParts, span: Span): BoundKey | null {
  const { report } = parts.scope;
  const { groupBy, window } = stage.parts.query;
  if (joined === null && groupBy.length === 1 && window === null) return keyOfRows(named, parts, span);
  const given = joined?.columns ?? [];
  const { identity } = named;
  const isKey =
    identity.kind === "coordinates" ||
    (identity.columns.length === given.length && given.every(({ expr }) => identity.columns.some((column) => isSame(column.expr, expr))));
  if (joined !== null && isKey) return named;
  const message = "rows that change are told apart by their groups, and their windows where there are any";
  const hint =
    joined === null
      ? "the inner SELECT has to give them, window_start among them"
      : `PK ${given.map(({ name }) => name).join(", ")}, or leave PK out`;
  return report.error("KEY_REQUIRED", span, message, hint);
}

/** Of a table the rows themselves. */
function keyOfRows(named: BoundKey, parts: QueryParts, span: Span): BoundKey | null {
  const identity = tableIdentity(named.identity, parts, span);
  return identity === null ? null : { ...named, identity };
}

function checkKey(input: SelectInput, key: KeyInput): BoundKey | null {
  const { report } = key.scope;
  const bound = bindKey(key);
  if (input.mode === "upsert") requirePk(key, input.span, report);
  if (bound === null) return null;
  // Rows that are shown replace nothing: they need no key, and none is missing where a grouping value is null.
  if (input.target === null)
    return { ...bound, identity: { kind: "coordinates" }, recordKey: key.grouping === null ? bound.recordKey : [] };
  if (input.system === "cassandra") checkTableKey(key, bound.identity, input.target, input.span);
  warnOfUncoveredKey(key, bound.identity);
  return bound;
}

function groupSpan({ groupBy, items, from }: Select): Span {
  const first = groupBy[0]?.span ?? items[0]?.span ?? from.span;
  const last = groupBy.at(-1)?.span ?? items.at(-1)?.span ?? from.span;
  return { start: first.start, end: last.end };
}
