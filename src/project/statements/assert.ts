import { isDeepStrictEqual } from "node:util";
import type { AssertRelationStatement, AssertTopicStatement, AssertValuesStatement } from "../../../grammar/statement-ast.ts";
import { durationMs } from "../../../grammar/units.ts";
import { type BoundRow, bindValues } from "../../analyze/bind-values.ts";
import { readColumns } from "../../analyze/declare-stream.ts";
import { dotted, findStream, type ResolvedSource } from "../../analyze/resolve-name.ts";
import { SluiceError } from "../../errors.ts";
import { parseJson } from "../../model/exact-number.ts";
import { typeName } from "../../model/type.ts";
import { constantJson } from "../../plan/code/constant.ts";
import { type SeenRow, seenInTable, seenInTopic } from "./assert-rows.ts";
import type { StatementContext } from "./context.ts";
import { valuesColumns } from "./insert-values.ts";
import { type MessageResult, message } from "./result.ts";
import { hasTopics, resolveRelation, resolveTopicName } from "./topics.ts";

/** How long what is asserted may take to become so, unless the session says it. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 50;

/**
 * What was written next: to a topic, the record behind the one asserted before it, in whichever partition; to an index
 * or table, which have no order, any row. Rejects with ASSERTION_FAILED.
 */
export async function assertValues(statement: AssertValuesStatement, context: StatementContext): Promise<MessageResult | null> {
  const relation = resolveRelation(statement.name, context);
  if (relation === null) return null;
  const known = valuesColumns(relation.stream);
  const keys = known.usual.filter(({ place }) => place !== undefined && place.of !== "header");
  const usual = statement.deleted && keys.length > 0 ? keys : known.usual;
  const rows = bindValues({ ...statement, rows: [statement.row] }, { ...known, usual }, context.report);
  const [row] = rows ?? [];
  if (row === undefined) return null;
  const expected = new Map(row.map(({ column, expr }) => [column.name, parseJson(constantJson(expr))]));
  const isIt = (seen: SeenRow): boolean => seen.deleted === statement.deleted && differences(expected, row, seen).length === 0;
  const look = (await isStored(relation, context)) ? seenInTable(relation, context) : seenInTopic(relation, row, context);
  const seen = await untilPassed(context.assertMs ?? PATIENCE_MS, context, async () => {
    const rowsNow = await look.next();
    const found = rowsNow.find(isIt);
    if (found !== undefined) look.take(found);
    return found === undefined ? { failed: difference(expected, row, rowsNow, statement.deleted) } : { failed: null };
  });
  if (seen.failed === null) return message(`${dotted(statement.name)}: as asserted`);
  throw new SluiceError("ASSERTION_FAILED", `${dotted(statement.name)}: ${seen.failed}`);
}

/** Whether a topic is there, with so many partitions. */
export async function assertTopic(statement: AssertTopicStatement, context: StatementContext): Promise<MessageResult | null> {
  const relation = resolveTopicName(statement.name, context);
  if (relation === null) return null;
  const wanted = statement.options.find(({ name }) => name.name.toLowerCase() === "partitions");
  const unknown = statement.options.find((option) => option !== wanted);
  if (unknown !== undefined)
    return context.report.error("UNKNOWN_OPTION", unknown.span, "ASSERT TOPIC compares partitions alone", "WITH (partitions = 4)");
  const source = await context.resources.source(relation.connection.name);
  const { failed } = await untilPassed(statement.timeout === null ? 0 : durationMs(statement.timeout), context, async () => {
    const topic = await source.describeTopic(relation.name);
    if ((topic !== null) !== statement.exists) return { failed: statement.exists ? "there is no such topic" : "there is such a topic" };
    if (topic === null || wanted === undefined || topic.partitions === wanted.value) return { failed: null };
    return { failed: `it has ${topic.partitions} partitions, not ${wanted.value}` };
  });
  if (failed === null) return message(`${relation.name}: as asserted`);
  throw new SluiceError("ASSERTION_FAILED", `${relation.connection.name}.${relation.name}: ${failed}`);
}

/** Whether a stream or table is declared, with these columns and options. */
export function assertRelation(statement: AssertRelationStatement, { state, report }: StatementContext): MessageResult | null {
  const name = dotted(statement.name);
  const stream = findStream(state.streams, name);
  const columns = readColumns(statement, report);
  if (columns === null) return null;
  const fail = (what: string): never => {
    throw new SluiceError("ASSERTION_FAILED", `${name}: ${what}`);
  };
  if (stream === null) return fail("it is not declared");
  if (stream.kind !== statement.relation.toLowerCase()) fail(`it is a ${stream.kind}`);
  for (const { name: column, type } of columns) {
    const found = stream.columns.find((one) => one.name === column);
    if (found === undefined) fail(`there is no column '${column}'`);
    else if (!isDeepStrictEqual(found.type, type)) fail(`the column '${column}' is ${typeName(found.type)}, not ${typeName(type)}`);
  }
  const more = columns.length === 0 ? undefined : stream.columns.find((one) => !columns.some((column) => column.name === one.name));
  if (more !== undefined) fail(`there is a column '${more.name}' too`);
  const has: Readonly<Record<string, unknown>> = {
    topic: stream.topic,
    kafka_topic: stream.topic,
    connection: stream.connection,
    key: stream.keyField,
    key_format: stream.keyFormat,
    format: stream.layout.value.format,
    value_format: stream.layout.value.format,
    timestamp: stream.timestampField,
    partitions: stream.partitions,
  };
  for (const { name: option, value, span } of statement.options) {
    const key = option.name.toLowerCase();
    if (!(key in has))
      return report.error("UNKNOWN_OPTION", span, `there is no option '${option.name}'`, `options are ${Object.keys(has).join(", ")}`);
    const given = key.endsWith("format") && typeof value === "string" ? value.toLowerCase() : value;
    if (has[key] !== given && !isSameTopic(key, has[key], given))
      fail(`${key} is ${JSON.stringify(has[key])}, not ${JSON.stringify(value)}`);
  }
  return message(`${name}: as asserted`);
}

/** ksqlDB writes names that are not quoted in upper case. */
function isSameTopic(option: string, topic: unknown, asserted: unknown): boolean {
  return option.endsWith("topic") && String(topic).toUpperCase() === asserted;
}

async function untilPassed(
  forMs: number,
  { env }: StatementContext,
  look: () => Promise<{ readonly failed: string | null }>,
): Promise<{ readonly failed: string | null }> {
  const deadline = env.clock.monotonic() + forMs;
  for (;;) {
    const result = await look();
    if (result.failed === null || env.clock.monotonic() >= deadline) return result;
    await env.clock.sleep(LOOK_MS);
  }
}

async function isStored(relation: ResolvedSource, { resources }: StatementContext): Promise<boolean> {
  if (!hasTopics(relation)) return true;
  const source = await resources.source(relation.connection.name);
  if (relation.stream !== null || (await source.describeTopic(relation.name)) !== null) return false;
  const relations = await (await resources.connection(relation.connection.name)).listRelations();
  return relations.some(({ name, kind }) => name === relation.name && kind !== "topic");
}

type Expected = ReadonlyMap<string, unknown>;

/** Columns whose values are others; of times two texts of one moment are the same. */
function differences(expected: Expected, row: BoundRow, { columns }: SeenRow): readonly string[] {
  return row.flatMap(({ column: { name, type } }) => {
    const [wanted, found] = [expected.get(name) ?? null, columns.get(name) ?? null];
    if (isDeepStrictEqual(wanted, found)) return [];
    if (type.kind === "timestamp" && found !== null && new Date(found as string | number).getTime() === Date.parse(String(wanted)))
      return [];
    return [`${name} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];
  });
}

function difference(expected: Expected, row: BoundRow, rows: readonly SeenRow[], deleted: boolean): string {
  const [first] = rows;
  if (first === undefined) return `nothing was written that could be ${JSON.stringify(Object.fromEntries(expected))}`;
  if (first.deleted !== deleted) return first.deleted ? "the next record is a deletion" : "the next record is no deletion";
  const closest = rows.map((seen) => differences(expected, row, seen)).sort((left, right) => left.length - right.length)[0] ?? [];
  return closest.join("; ");
}
