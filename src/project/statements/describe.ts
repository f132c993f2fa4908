import { nearest } from "../../../grammar/nearest.ts";
import type { DescribeStatement } from "../../../grammar/statement-ast.ts";
import { didYouMean } from "../../analyze/reporter.ts";
import { dotted, type ResolvedSource } from "../../analyze/resolve-name.ts";
import type { DeclaredColumn, DeclaredStream } from "../../catalog/catalog.ts";
import { originText } from "../../catalog/known-columns.ts";
import { SluiceError } from "../../errors.ts";
import { aggregateFunction, listFunctions, objectAggregate, scalarFunction } from "../../functions/registry.ts";
import { jsonText } from "../../model/exact-number.ts";
import { typeName } from "../../model/type.ts";
import type { Value } from "../../model/value.ts";
import { knownRelation, topicFacts } from "../live/topic-facts.ts";
import type { StatementContext } from "./context.ts";
import { describePipeline } from "./pipelines.ts";
import { type Cell, message, properties, type StatementResult, table } from "./result.ts";
import { existingTopic, hasTopics, resolveRelation } from "./topics.ts";

type Result = StatementResult | null;

export function describe(statement: DescribeStatement, context: StatementContext): Result | Promise<Result> {
  return DESCRIBED[statement.what](statement, context);
}

const DESCRIBED: Readonly<
  Record<DescribeStatement["what"], (statement: DescribeStatement, context: StatementContext) => Result | Promise<Result>>
> = { RELATION: relation, FUNCTION: describeFunction, CONNECTION: describeConnection, PIPELINE: describePipeline };

// --- relations ---------------------------------------------------------------------------------

/** Columns; EXTENDED everything that is known. */
async function relation({ name, extended }: DescribeStatement, context: StatementContext): Promise<Result> {
  const found = resolveRelation(name, context);
  if (found === null) return null;
  if (!hasTopics(found)) return stored(found, context);
  const { stream } = found;
  const columns = (stream?.columns ?? []).map((column): Cell[] => [column.name, typeName(column.type), roleOf(column, stream)]);
  if (extended) return properties([...(await topicProperties(found, context)), ...columns.map(asProperty)]);
  if (columns.length > 0) return table(["column", "type", "role"], columns);
  if (stream === null) {
    const known = await storedIn(found, context);
    if (known !== null) return known;
  }
  return seenColumns(found, context);
}

/** What a schema or records show: nothing else is known of a topic whose columns are not declared. */
async function seenColumns(found: ResolvedSource, { resources, onEvent }: StatementContext): Promise<Result> {
  const connection = await resources.connection(found.connection.name);
  await existingTopic(found, await resources.source(found.connection.name));
  const facts = await topicFacts(connection, found.name);
  const known = knownRelation(facts);
  if (known === null) return message(`${found.name} is not declared, and has no records that show columns`);
  onEvent({ kind: "note", text: `${found.name} is not declared: columns of ${originText(known.origin, found.name)}` });
  const role = (column: string): string => (facts.sample?.keyFields.includes(column) ? "equals the key" : "");
  const seen = known.columns.map(({ name, type, presence }): Cell[] => [name, typeName(type), role(name), presence]);
  return table(["column", "type", "role", "presence"], seen);
}

function roleOf({ name, place }: DeclaredColumn, stream: DeclaredStream | null): string {
  if (place?.of === "header") return `header '${place.name}'`;
  const roles = [place !== undefined || name === stream?.keyField ? "key" : [], name === stream?.timestampField ? "event time" : []];
  return roles.flat().join(", ");
}

const asProperty = ([name, type, role]: readonly Cell[]) =>
  [`column ${String(name)}`, `${String(type)}${role === "" ? "" : `, ${String(role)}`}`] as const;

async function topicProperties(found: ResolvedSource, { resources }: StatementContext): Promise<readonly (readonly [string, Cell])[]> {
  const { stream, connection, name } = found;
  const source = await resources.source(connection.name);
  const topic = await source.describeTopic(name);
  const bounds = await Promise.all(Array.from({ length: topic?.partitions ?? 0 }, (_, partition) => source.bounds(name, partition)));
  return [
    ["name", stream?.name ?? name],
    ["kind", stream?.kind ?? "stream"],
    ["declared", stream !== null],
    ["connection", connection.name],
    ["topic", name],
    ["exists", topic !== null],
    ["partitions", topic?.partitions ?? stream?.partitions ?? null],
    ["records", topic === null ? null : bounds.reduce((sum, { startOffset, endOffset }) => sum + endOffset - startOffset, 0)],
    ["compacted", topic?.compacted ?? null],
    ["key format", stream?.keyFormat ?? null],
    ["timestamp", stream?.timestampField ?? null],
  ];
}

/** An index or table, of which the name is known. Rejects with TARGET_MISSING. */
async function stored(found: ResolvedSource, context: StatementContext): Promise<Result> {
  const known = await storedIn(found, context);
  if (known !== null) return known;
  const { connection, name } = found;
  const relations = await (await context.resources.connection(connection.name)).listRelations();
  const meant = nearest(
    name,
    relations.map((one) => one.name),
  );
  const hint = didYouMean(meant) ?? "SHOW TABLES lists those that are there";
  throw new SluiceError("TARGET_MISSING", `there is no index or table ${name} on ${connection.name}`, { hint });
}

async function storedIn({ connection, name }: ResolvedSource, { resources }: StatementContext): Promise<Result> {
  const relations = await (await resources.connection(connection.name)).listRelations();
  const known = relations.find((one) => one.name === name && one.kind !== "topic");
  if (known === undefined) return null;
  return properties([
    ["name", name],
    ["kind", known.kind],
    ["connection", connection.name],
  ]);
}

// --- functions and connections -----------------------------------------------------------------

function describeFunction({ name }: DescribeStatement, { report }: StatementContext): Result {
  const wanted = dotted(name).toLowerCase();
  const all = listFunctions();
  const found = all.find((info) => info.name === wanted || info.synonyms.includes(wanted));
  if (found === undefined) {
    const names = all.flatMap((info) => [info.name, ...info.synonyms]);
    const hint = didYouMean(nearest(wanted, names)) ?? "SHOW FUNCTIONS lists them";
    return report.error("UNKNOWN_FUNCTION", name.span, `there is no function '${dotted(name)}'`, hint);
  }
  const spec = scalarFunction(found.name) ?? aggregateFunction(found.name) ?? objectAggregate(found.name);
  return properties([
    ["function", found.signature],
    ["kind", found.kind],
    ["synonyms", found.synonyms.join(", ")],
    ["meaning", found.doc],
    ["differs", spec?.differs ?? null],
    ...(spec?.examples ?? []).map((example) => ["example", exampleText(example)] as const),
  ]);
}

/** What it is reached at stays in the configuration: there may be secrets in it. */
async function describeConnection({ name }: DescribeStatement, { catalog, resources, report }: StatementContext): Promise<Result> {
  const connection = catalog.connections.get(dotted(name));
  if (connection === undefined) {
    const known = [...catalog.connections.keys()];
    const hint = didYouMean(nearest(dotted(name), known)) ?? `connections are ${known.join(", ")}`;
    return report.error("UNKNOWN_CONNECTION", name.span, `there is no connection '${dotted(name)}'`, hint);
  }
  const findings = await (await resources.connection(connection.name)).diagnose();
  return properties([
    ["name", connection.name],
    ["kind", connection.kind],
    ["stands for", connection.as],
    ...findings.map(
      ({ check, ok, detail, advice }) => [check, `${ok ? "" : "FAILED: "}${detail}${advice === null ? "" : `; ${advice}`}`] as const,
    ),
  ]);
}

const exampleText = ({ sql, result }: { readonly sql: string; readonly result: Value }): string => `${sql} → ${jsonText(result)}`;
