import { likeliest } from "../../../grammar/nearest.ts";
import type { ReadPlace, StatementPlace } from "../../analyze/analyze-pipeline.ts";
import { hindranceOf } from "../../analyze/gathering.ts";
import { didYouMean } from "../../analyze/reporter.ts";
import type { DeclaredStream } from "../../catalog/catalog.ts";
import type { InferredRelation } from "../../catalog/inferred-columns.ts";
import { type BoundStatement, canRepartition } from "../../model/statement.ts";
import { type DataType, isNumeric, typeName } from "../../model/type.ts";
import type { LiveReporter } from "./live-reporter.ts";
import type { TopicFacts } from "./topic-facts.ts";

export interface SourceOptions {
  /** A missing topic is an error. */
  readonly strict: boolean;
  /** Whether a pipeline of the same check writes the topic. */
  readonly isWritten: (connection: string, topic: string) => boolean;
}

/** What is to be said of a topic that is read. */
export function checkSource({ source, span }: ReadPlace, facts: TopicFacts, options: SourceOptions, report: LiveReporter): void {
  const { connection, name, stream } = source;
  if (facts.registryFailure !== null) {
    const { code, message, hint } = facts.registryFailure;
    report.add("warning", code, span, message, hint ?? "fields are checked against sampled records instead");
  }
  if (facts.description === null) {
    if (stream?.partitions === null || stream === null) missingTopic(facts, options, report, { connection: connection.name, name, span });
    return;
  }
  const { partitions } = facts.description;
  if (stream !== null && stream.partitions !== null && stream.partitions > partitions) {
    const message = `'${stream.name}' is declared with ${stream.partitions} partitions, but the topic ${name} has ${partitions}`;
    report.add("warning", "TARGET_MISMATCH", span, message, "the topic is given the further ones when a pipeline starts: keys will move");
  }
  if (stream === null || stream.layout.value.format === "json") checkFormat(name, facts, span, report);
  if (stream !== null && facts.sample !== null) checkDeclaration(stream, facts.sample, span, report);
}

type Span = ReadPlace["span"];

function missingTopic(
  { others }: TopicFacts,
  { strict, isWritten }: SourceOptions,
  report: LiveReporter,
  { connection, name, span }: { readonly connection: string; readonly name: string; readonly span: Span },
): void {
  if (isWritten(connection, name)) return;
  const meant = didYouMean(likeliest(name, others));
  const message = `there is no topic ${name} on ${connection}: the pipeline would be WAITING for it`;
  report.add(strict ? "error" : "warning", "TOPIC_MISSING", span, message, meant ?? "create it, or declare it WITH (partitions = …)");
}

/** Rows that nobody writes again are to stay. */
export function checkTable(
  { source }: BoundStatement,
  { source: span }: StatementPlace,
  { description }: TopicFacts,
  report: LiveReporter,
): void {
  if (source.reads !== "table" || description === null || description.compacted) return;
  const message = `${source.topic} is read as a table, and is not compacted: rows that are not written again are gone with its retention`;
  report.add("warning", "TARGET_MISMATCH", span, message, "set its cleanup.policy to compact, or read it with SELECT STREAM");
}

/** What is not declared otherwise is read as JSON documents. */
function checkFormat(topic: string, { sample, schema }: TopicFacts, span: Span, report: LiveReporter): void {
  if (sample === null || sample.unreadable === 0) return;
  const of = `${sample.unreadable} of ${sample.records} sampled records of ${topic}`;
  const isFramed = sample.schemaId !== null;
  const format = schema === null || schema.format === "json" ? "" : ` in ${schema.format === "avro" ? "Avro" : "Protobuf"}`;
  const message = isFramed
    ? `${of} were written${format} by a schema registry's serializer (schema ${sample.schemaId}), which is not read yet`
    : `${of} are no JSON documents`;
  const hint = isFramed ? "write them as plain JSON" : "declare the stream WITH (value_format = …), or see error.policy";
  report.add("warning", "RECORD_MALFORMED", span, message, hint);
}

/** A declaration that says other than the records do. */
function checkDeclaration(stream: DeclaredStream, sample: InferredRelation, span: Span, report: LiveReporter): void {
  const of = `${sample.documents} sampled record${sample.documents === 1 ? "" : "s"} of ${stream.topic}`;
  if (sample.documents === 0 || stream.layout.value.format !== "json") return;
  for (const { name, type, place } of stream.columns) {
    if (place !== undefined) continue;
    const seen = sample.columns.find((column) => column.name === name);
    if (seen === undefined) {
      const names = sample.columns.map((column) => column.name);
      report.add(
        "warning",
        "UNKNOWN_FIELD",
        span,
        `'${stream.name}' declares ${name}, which is in none of ${of}`,
        didYouMean(likeliest(name, names)),
      );
    } else if (!canBe(type, seen.type)) {
      const message = `'${stream.name}' declares ${name} as ${typeName(type)}, but it is ${typeName(seen.type)} in ${of}`;
      report.add("warning", "TYPE_MISMATCH", span, message, `records with such values are refused; see error.policy`);
    }
  }
  const { keyField } = stream;
  if (keyField === null || sample.keyType.kind === "any" || sample.keyFields.includes(keyField)) return;
  const [instead] = sample.keyFields;
  const message = `'${stream.name}' is declared WITH (key = '${keyField}'), but that is not the record key of ${of}`;
  report.add("warning", "KEY_NOT_COVERED", span, message, instead === undefined ? "leave the option out" : `the key is ${instead}`);
}

/** Whether values that were seen as one type can be read as another. What is not known may be. */
function canBe(declared: DataType, seen: DataType): boolean {
  if (declared.kind === "any" || seen.kind === "any") return true;
  if (isNumeric(declared)) return isNumeric(seen) && !(seen.kind === "double" && (declared.kind === "int" || declared.kind === "bigint"));
  switch (declared.kind) {
    case "array":
      return seen.kind === "array" && canBe(declared.element, seen.element);
    case "map":
      return seen.kind === "map" || seen.kind === "struct";
    case "struct":
      return seen.kind === "struct" || seen.kind === "map";
    case "timestamp":
      return seen.kind === "string" || seen.kind === "bigint";
    case "boolean":
      return seen.kind === "boolean";
    case "string":
      return seen.kind === "string";
    default:
      return seen.kind === "string" || isNumeric(seen);
  }
}

/** Rows that belong together, and lie in several partitions, are to be brought together. */
export function checkGrouping(statement: BoundStatement, place: StatementPlace, facts: TopicFacts, report: LiveReporter): void {
  const { description, sample } = facts;
  if (!statement.needsSinglePartition || canRepartition(statement) || description === null || description.partitions === 1) return;
  const hindrance = hindranceOf(statement);
  if (hindrance === null) return;
  const partitions = `${description.name} has ${description.partitions} partitions`;
  const what = statement.groupBy.length === 0 ? "a total is taken" : "GROUP BY is not covered by the record key";
  const message = `${what}, and ${partitions}, which cannot be read as one log: ${hindrance}`;
  const [keyField] = sample?.keyFields ?? [];
  const seen = `the record key equals ${keyField} in all sampled records: CREATE STREAM … WITH (key = '${keyField}') says so`;
  const hint = keyField === undefined ? "GROUP BY _key, or by a field that the stream declares as its key" : seen;
  report.add("error", "GROUPING_NEEDS_KEY", place.select.groupBy[0]?.span ?? place.source, message, hint);
}
