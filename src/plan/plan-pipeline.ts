import { createHash } from "node:crypto";
import { operandsOf } from "../analyze/bound-tree.ts";
import { must } from "../assert.ts";
import { userAggregate, userScalar } from "../functions/user-functions.ts";
import type { FieldPath } from "../model/column-batch.ts";
import type { BoundExpr } from "../model/expression.ts";
import {
  type BoundIdentity,
  type BoundPipeline,
  type BoundSource,
  type BoundStatement,
  type BoundTarget,
  type FieldRef,
  inputsOf,
  isStateful,
  keepsWindowsApart,
  readsTable,
  sidesOf,
  writesTable,
} from "../model/statement.ts";
import { ANY, STRING } from "../model/type.ts";
import type { QueryWindow } from "../model/window.ts";
import type { RouteTarget } from "../ports/sink.ts";
import { plainGroupField } from "./code/aggregate-code.ts";
import { plainKeyField } from "./code/join-code.ts";
import { keptPredicates } from "./code/predicate-code.ts";
import { deadLetterRoute } from "./dead-letter-route.ts";
import {
  type Beginning,
  FIRST_BEGINNING,
  type LateDocument,
  type LateInput,
  type LatePlan,
  type LookupPlan,
  type PipelinePlan,
  type SidePlan,
  type SourcePlan,
  type StatementPlan,
} from "./pipeline-plan.ts";
import { plainTarget } from "./plain-target.ts";

export interface PlanOptions {
  readonly keepState: boolean;
  /** By statement name. */
  readonly beginnings?: Readonly<Record<string, Beginning>>;
  /** Above that of any dropped pipeline of the name, whose positions and state are another's; left out or 0: there was none. */
  readonly epoch?: number;
}

/** Bound statements → physical plan: shared sources with the union of the needed fields, routes, fingerprints. */
export function planPipeline(pipeline: BoundPipeline, options: PlanOptions): PipelinePlan {
  const sources = new Map<string, PlannedSource>();
  const sourceOf = (source: BoundSource, own: string | null): PlannedSource => {
    const key = JSON.stringify([source.connection, source.topic, source.keyFormat, source.layout, own]);
    const shared = sources.get(key) ?? newSource(source, sources.size, pipeline);
    sources.set(key, shared);
    return shared;
  };
  const { epoch = 0 } = options;
  const first = epoch === 0 ? FIRST_BEGINNING : ({ count: epoch, from: "start" } as const);
  const statements = pipeline.statements.map((statement, index) => {
    const { lookups } = innermost(statement);
    // What is added to its records is for one statement alone.
    const inputs = inputsOf(statement).map((source, input) => sourceOf(source, input === 0 && lookups.length > 0 ? statement.name : null));
    must(inputs[0]).statements.push(index);
    const beginning = options.beginnings?.[statement.name] ?? first;
    const plan = inTransactions({ ...planStatement(statement, pipeline, inputs), beginning }, options.keepState ? pipeline.name : null);
    if (lookups.length > 0) must(inputs[0]).plan.lookups = lookupPlans(plan);
    internColumns(plan, inputs);
    return plan;
  });
  const [leading] = pipeline.statements;
  return {
    name: pipeline.name,
    origin: epoch === 0 ? pipeline.name : `${pipeline.name}@${epoch}`,
    sources: [...sources.values()].map(({ plan }) => plan),
    statements,
    stateConnection: options.keepState && leading !== undefined ? leading.source.connection : null,
  };
}

/** Where the statement asks for it, rows of topics, late ones too, are written with its state. `keptBy`: the pipeline; null: none is. */
function inTransactions(plan: StatementPlan, keptBy: string | null): StatementPlan {
  const { statement, route, late } = plan;
  if (keptBy === null || statement.settings.delivery !== "transactional" || route?.kind !== "topic") return plan;
  const lateToo =
    late === null || late.route.kind !== "topic" || late.route.connection !== route.connection
      ? late
      : { ...late, route: { ...late.route, transactionOf: keptBy } };
  return { ...plan, route: { ...route, transactionOf: keptBy }, late: lateToo };
}

type PlannedSource = ReturnType<typeof newSource>;

function newSource(source: BoundSource, index: number, pipeline: BoundPipeline) {
  const { connection, topic, valueFormat, keyFormat, layout, partitions } = source;
  const declared = pipeline.declaredTopics.find((entry) => entry.connection === connection && entry.topic === topic);
  const fields: FieldPath[] = [];
  const statements: number[] = [];
  const interned: number[] = [];
  const plan: SourcePlan & { lookups?: readonly LookupPlan[] } = {
    connection,
    topic,
    valueFormat,
    keyFormat,
    layout,
    fields,
    interned,
    statements,
    partitions: partitions ?? declared?.partitions ?? null,
  };
  return { plan, index, fields, interned, statements };
}

/** Of a statement that reads a stage, and so on, the stage that reads topics. */
function innermost(statement: BoundStatement): BoundStatement {
  return statement.stage === null ? statement : innermost(statement.stage);
}

/** Of each topic what whoever reads it asks for again and again. */
function internColumns({ statement, sides }: Pick<StatementPlan, "statement" | "sides">, inputs: readonly PlannedSource[]): void {
  for (const { stage, input, columns } of sides) {
    if (stage !== null) {
      internColumns(stage, inputs.slice(input, input + stage.inputs.length));
      continue;
    }
    const { interned, fields } = must(inputs[input]);
    for (const field of internedFields(statement)) {
      const column = must(columns[field]);
      if (column >= 0 && column < fields.length && !interned.includes(column)) interned.push(column);
    }
  }
}

/** Fields whose strings are looked up by id: a lone one that groups, or OVER, go by, and those that a part of WHERE is a function of. */
function internedFields(statement: BoundStatement): readonly number[] {
  const grouped = plainGroupField(statement);
  const asked = statement.where === null ? [] : keptPredicates(statement.where, statement.fields);
  const looked = statement.over?.kind === "running" ? statement.over.calls.map(({ partitionBy }) => plainKeyField(partitionBy)) : [];
  return [grouped, ...asked, ...looked].filter((field) => field !== null);
}

function isSamePath(one: FieldPath, other: FieldPath): boolean {
  return one.root === other.root && JSON.stringify(one.path) === JSON.stringify(other.path);
}

function columnOf(fields: FieldPath[], field: FieldPath): number {
  const same = fields.findIndex((other) => isSamePath(other, field));
  return same >= 0 ? same : fields.push({ root: field.root, path: field.path }) - 1;
}

const WHOLE: FieldRef = { root: "value", path: [], type: ANY, text: "*" };

function planStatement(
  statement: BoundStatement,
  pipeline: BoundPipeline,
  sources: readonly PlannedSource[],
): Omit<StatementPlan, "beginning"> {
  const fields: FieldRef[] = [...statement.fields];
  const add = (field: FieldRef): number => {
    const isSame = (other: FieldRef): boolean => other.root === field.root && other.path.join("\0") === field.path.join("\0");
    const known = fields.findIndex((other) => isSame(other) && other.lookup === field.lookup);
    return known >= 0 ? known : fields.push(field) - 1;
  };
  const hasStar = statement.items.some((item) => item.kind === "star");
  const star = hasStar ? add(WHOLE) : null;
  const keyIdentity = keyIdentityOf(statement, add);
  const late = statement.late === null ? null : { route: lateRoute(statement.late, pipeline), ...latePlan(statement, sources, add) };
  const sides = planSides(statement, fields, pipeline, sources);
  const inputs = sides.flatMap(({ stage, input, columns }) => stage?.inputs ?? { source: must(sources[input]).index, columns });
  return {
    statement,
    fields,
    star,
    keyIdentity,
    columns: statement.joins.length === 0 ? must(sides[0]).columns : joinedColumns(fields),
    inputs,
    sides,
    stage: must(sides[0]).stage,
    route: statement.target === null ? null : routeTarget(statement, statement.target, pipeline),
    deadLetterRoute: deadLetterRoute(statement.settings),
    late,
    fingerprint: fingerprintOf(statement),
  };
}

/** `sources`: of the topics that the statement reads. */
function planSides(
  statement: BoundStatement,
  fields: readonly FieldRef[],
  pipeline: BoundPipeline,
  sources: readonly PlannedSource[],
): readonly SidePlan[] {
  let input = 0;
  return sidesOf(statement).map(({ stage }, side) => {
    const first = input;
    const isOwn = (field: FieldRef): boolean => (field.input ?? 0) === side && field.lookup === undefined;
    if (stage !== null) {
      input += inputsOf(stage).length;
      let count = 0;
      const columns = fields.map((field) => (isOwn(field) ? count++ : -1));
      const own = planStatement(stage, pipeline, sources.slice(first, input));
      return { stage: { ...own, beginning: FIRST_BEGINNING }, input: first, columns };
    }
    input++;
    const { fields: read } = must(sources[first]);
    const columns = fields.map((field) => (isOwn(field) ? columnOf(read, field) : -1));
    return { stage: null, input: first, columns: first === 0 ? withLookups(columns, fields, read.length) : columns };
  });
}

/** Columns of what is looked up follow those of the records: of each lookup whether there is a row, then its fields. */
function withLookups(columns: readonly number[], fields: readonly FieldRef[], read: number): readonly number[] {
  const lookups = lookupFields(fields);
  const firsts = lookups.map((_, lookup) => lookups.slice(0, lookup).reduce((sum, own) => sum + 1 + own.length, read));
  return columns.map((column, index) => {
    const { lookup, ...field } = must(fields[index]);
    if (lookup === undefined) return column;
    const first = must(firsts[lookup]);
    return field.isPresence === true ? first : first + 1 + must(lookups[lookup]).findIndex((other) => isSamePath(other, field));
  });
}

/** By lookup: which fields of its rows are read. */
function lookupFields(fields: readonly FieldRef[]): readonly (readonly FieldPath[])[] {
  const lookups = Math.max(-1, ...fields.map(({ lookup }) => lookup ?? -1)) + 1;
  return Array.from({ length: lookups }, (_, number) =>
    fields.flatMap(({ root, path, lookup, isPresence }) => (lookup === number && isPresence !== true ? [{ root, path }] : [])),
  );
}

function lookupPlans(plan: StatementPlan): readonly LookupPlan[] {
  let reader = plan;
  while (reader.stage !== null) reader = reader.stage;
  const { name, lookups, settings } = { ...reader.statement, name: plan.statement.name };
  const read = lookupFields(reader.fields);
  const { count: beginning } = plan.beginning;
  return lookups.map((lookup, index) => ({ ...lookup, statement: name, beginning, fields: read[index] ?? [], settings }));
}

/** Of rows that are joined the columns of each input follow those of the inputs before it, in the order of the fields. */
function joinedColumns(fields: readonly FieldRef[]): readonly number[] {
  const inOrder = [...fields.keys()].sort((left, right) => (fields[left]?.input ?? 0) - (fields[right]?.input ?? 0) || left - right);
  return fields.map((_, index) => inOrder.indexOf(index));
}

/** Where every part of the identity comes from the record key, a tombstone names the row that it deletes. */
function keyIdentityOf(statement: BoundStatement, add: (field: FieldRef) => number): BoundIdentity | null {
  const { identity, source, stage } = statement;
  // Rows of a ranking go with all their columns.
  if (stage !== null && stage.over !== null) return stage.over.kind === "ranking" && !statement.aggregated ? identity : null;
  // Groups go with what tells them apart.
  if (stage?.aggregated && stage.emit === "changes") return !statement.aggregated ? identity : null;
  // Of tables that are joined there is more to a delete than keys.
  if (statement.joins.length > 0) return readsTable(statement) && !statement.aggregated ? identity : null;
  if (statement.aggregated || identity.kind !== "columns" || statement.tombstones !== "delete") return null;
  if (statement.targetName !== null && readsValue(statement.targetName.expr, statement)) return null;
  let isOfKey = true;
  const keyLeaf = (expr: BoundExpr): BoundExpr => {
    if (expr.kind === "cast") return { ...expr, operand: keyLeaf(expr.operand) };
    if (expr.kind !== "field") {
      isOfKey = false;
      return expr;
    }
    const field = must(statement.fields[expr.index]);
    if (field.root === "key") return expr;
    if (field.root !== "value" || field.path.length !== 1 || field.path[0] !== source.keyField) isOfKey = false;
    const type = source.layout.key?.columns[0]?.type ?? STRING;
    return { kind: "field", type, index: add({ root: "key", path: [], type, text: "_key" }) };
  };
  const columns = identity.columns.map(({ name, expr }) => ({ name, expr: keyLeaf(expr) }));
  return isOfKey ? { kind: "columns", columns } : null;
}

/** A tombstone has a key and headers, and no value that could say where it belongs. */
function readsValue(expr: BoundExpr, { fields }: BoundStatement): boolean {
  return expr.kind === "field" && must(fields[expr.index]).root === "value";
}

function routeTarget(statement: BoundStatement, target: BoundTarget, pipeline: BoundPipeline): RouteTarget {
  const isOpen = statement.items.some((item) => item.kind !== "column");
  const columns = statement.items.flatMap((item) => (item.kind === "column" ? [{ name: item.name, type: item.expr.type }] : []));
  return {
    connection: target.connection,
    kind: target.kind,
    name: target.name,
    mode: statement.mode,
    columns: isOpen ? [] : columns,
    keyColumns: statement.identity.kind === "columns" ? statement.identity.columns.map((column) => column.name) : [],
    suffix: statement.suffix,
    autocreate: statement.autocreate,
    batchSize: statement.batchSize,
    ttlSeconds: statement.ttlSeconds,
    topicReading: writesTable(statement) ? "table" : "stream",
    compacted: writesTable(statement) && keepsWindowsApart(statement),
    partitions: declaredPartitions(pipeline, target),
    options: statement.targetOptions,
  };
}

function declaredPartitions({ declaredTopics }: BoundPipeline, { connection, name }: BoundTarget): number | null {
  return declaredTopics.find((entry) => entry.connection === connection && entry.topic === name)?.partitions ?? null;
}

function lateRoute({ connection, kind, name }: BoundTarget, pipeline: BoundPipeline): RouteTarget {
  return { ...plainTarget(connection, kind, name), partitions: declaredPartitions(pipeline, { connection, kind, name }) };
}

/** Streams that are joined let no row out that is late for a window: what is late there was late for the join. */
function latePlan(statement: BoundStatement, sources: readonly PlannedSource[], add: (field: FieldRef) => number): Omit<LatePlan, "route"> {
  if (!statement.joins.some(({ within }) => within !== null)) return { document: lateDocument(statement.source, add), inputs: [] };
  const inputs = inputsOf(statement).map((source, input): LateInput | null => {
    if (source.reads === "table") return null;
    const fields: FieldRef[] = [];
    const document = lateDocument(source, (field) => fields.push({ ...field, input }) - 1);
    return { fields, columns: fields.map((field) => columnOf(must(sources[input]).fields, field)), document };
  });
  return { document: null, inputs };
}

/** A late record is the document that it is; of other formats than JSON an object of its columns. */
function lateDocument({ valueFormat, columns }: BoundSource, add: (field: FieldRef) => number): LateDocument {
  if (valueFormat === "json" || columns === null) return { whole: add(WHOLE), columns: [] };
  const made = columns.map(({ name, type }) => {
    const index = add({ root: "value", path: [name], type, text: name });
    return { name, expr: { kind: "field", type, index } as const };
  });
  return { whole: null, columns: made };
}

/** Of the payloads of window states; part of the fingerprint, so that state of another format is told to be rebuilt. */
export const STATE_FORMAT = 2;

/** `state.shape`: what the kept state rests on, and what its outputs look like (`runtime.md` §4). */
function fingerprintOf(statement: BoundStatement): string {
  const { source, unnests, where, window, groupBy, aggregates, fields } = statement;
  const read = [source.connection, source.topic];
  const { joins, lookups, stage } = statement;
  // What OVER knows of the rows before does not rest on what is made of its results.
  const isBehindRunning = stage?.over?.kind === "running" && !statement.aggregated && statement.over === null;
  const state = isStateful(statement)
    ? [
        STATE_FORMAT,
        read,
        source.keyFormat,
        ...(source.layout.key === null && source.layout.value === null ? [] : [source.valueFormat, source.layout]),
        source.eventTime,
        ...(source.eventTimeExpr === undefined ? [] : [source.eventTimeExpr.expr]),
        ...(isBehindRunning ? [] : [fields, where]),
        windowOf(window),
        groupBy,
        aggregates.map(({ name, argument, more, distinct, filter }) =>
          more.length > 0 || distinct || filter !== null ? [name, argument, more, distinct, filter] : [name, argument],
        ),
        ...(joins.length > 0
          ? [joins.map((join) => (join.stage === undefined ? join : { ...join, stage: fingerprintOf(join.stage) }))]
          : []),
        ...(lookups.length > 0 ? [lookups] : []),
        ...(stage === null ? [] : [fingerprintOf(stage)]),
        ...(statement.over === null ? [] : [statement.over, statement.items]),
        ...(source.reads === "table" ? ["table"] : []),
        ...(unnests.length > 0 ? [unnests] : []),
        ...(statement.distinct ? ["distinct"] : []),
        ...(statement.settings.time === "processing" ? ["processing time"] : []),
        ...versionsOf(statement),
      ]
    : read;
  return `${digest(state)}.${digest([statement.text, statement.settings.errorPolicy])}`;
}

/** A tumbling window with nothing more to it is written as it always was: state that was kept of it still fits. */
function windowOf(window: QueryWindow | null): unknown {
  if (window?.kind !== "tumbling" || window.offsetMs !== 0 || window.timeZone !== null) return window;
  return { kind: window.kind, sizeMs: window.sizeMs, graceMs: window.graceMs };
}

/** Of the project's functions whose results are in the state. */
function versionsOf({ where, groupBy, aggregates }: BoundStatement): readonly string[] {
  const versions = new Map<string, string>();
  const note = (name: string, version: string | undefined): void => {
    if (version !== undefined) versions.set(name, version);
  };
  for (const { name } of aggregates) note(name, userAggregate(name)?.version);
  const computed = [where, ...groupBy, ...aggregates.flatMap(({ argument, more, filter }) => [argument, ...more, filter])];
  const visit = (expr: BoundExpr): void => {
    if (expr.kind === "call") note(expr.name, userScalar(expr.name)?.version);
    operandsOf(expr).forEach(visit);
  };
  for (const expr of computed) if (expr !== null) visit(expr);
  return [...versions].sort().flat();
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 16);
}
