import type { Clause, FieldsClause, NumberClause, Path, PropertiesClause, Select, Span, TextClause } from "../../grammar/ast.ts";
import { durationMs } from "../../grammar/units.ts";
import { compileIndexSuffix } from "../model/date-pattern.ts";
import type { BoundStatement, BoundTarget } from "../model/statement.ts";
import { indexRuleBroken } from "../model/target-name.ts";
import { NO_OPTIONS, type TargetOptions, type TopicCompression } from "../model/target-options.ts";
import type { ConnectionKind } from "../ports/connection.ts";
import { retirementOf } from "./index-options.ts";
import { type BoundProperties, bindProperties } from "./properties.ts";
import type { Reporter } from "./reporter.ts";
import { checkTargetClauses } from "./target-clauses.ts";

export interface BoundClauses {
  readonly pk: FieldsClause | null;
  readonly suffix: string | null;
  readonly batchSize: number | null;
  readonly ttlSeconds: number | null;
  readonly autocreate: boolean;
  readonly options: TargetOptions;
  readonly tombstones: BoundStatement["tombstones"];
}

export interface StatementShape {
  /** null: an ad hoc SELECT. */
  readonly target: BoundTarget | null;
  /** What the target's connection leads to. */
  readonly system: ConnectionKind;
  /** It is the embedded store, which stands in for that. */
  readonly isEmbedded: boolean;
  readonly aggregated: boolean;
  readonly windowed: boolean;
  /** The field by which each record names its target, where that stands after INTO. */
  readonly naming: Path | null;
  /** Of the pipeline. */
  readonly text: string;
}

/** What says which rows there are and what is in them, wherever they go. */
const OF_THE_QUERY: ReadonlySet<Clause["name"]> = new Set<Clause["name"]>(["IGNORE", "WITHSTRUCTURE", "WITHOFFSET", "SAMPLE"]);

/** KCQL's clauses, checked against what the target can honour. */
export function bindClauses(clauses: readonly Clause[], shape: StatementShape, report: Reporter): BoundClauses {
  const find = <Kind extends Clause["kind"]>(kind: Kind, name: Clause["name"]) =>
    clauses.find((clause): clause is Extract<Clause, { kind: Kind }> => clause.kind === kind && clause.name === name);
  const suffix = find("text", "WITHINDEXSUFFIX");
  if (shape.target === null) {
    for (const { name, span } of clauses) {
      if (OF_THE_QUERY.has(name)) continue;
      report.error("CLAUSE_NOT_ALLOWED", span, `${name} belongs to a target, and this SELECT has none`, "INSERT INTO names one");
    }
  }
  if (shape.target !== null) checkTargetClauses(clauses, shape.target, shape, report);
  if (suffix !== undefined && shape.target?.kind === "index") checkSuffix(suffix, shape, shape.target, report);
  const properties = bindProperties(find("properties", "PROPERTIES"), shape.target, shape, report);
  return {
    pk: find("fields", "PK") ?? null,
    suffix: suffix?.text ?? null,
    batchSize: find("number", "BATCH")?.value ?? null,
    ttlSeconds: ttlOf(find("number", "TTL"), find("properties", "PROPERTIES"), properties, report),
    autocreate: find("flag", "AUTOCREATE") !== undefined,
    options: {
      ...NO_OPTIONS,
      ingestPipeline: find("text", "WITHPIPELINE")?.text ?? null,
      autoevolve: find("flag", "AUTOEVOLVE") !== undefined,
      compression: compressionOf(find("text", "WITHCOMPRESSION"), report),
      consistency: properties.consistency,
      nullsUnset: properties.nullsUnset,
      dataStream: properties.dataStream,
      retirement: retirementOf(find("properties", "PROPERTIES"), properties, suffix, report),
    },
    tombstones: properties.tombstones,
  };
}

const COMPRESSIONS: Readonly<Record<string, TopicCompression>> = { GZIP: "gzip", SNAPPY: "snappy", LZ4: "lz4" };

function compressionOf(clause: TextClause | undefined, report: Reporter): TopicCompression | null {
  if (clause === undefined) return null;
  const known = COMPRESSIONS[clause.text] ?? null;
  if (known === null)
    report.error("INVALID_VALUE", clause.textSpan, `records are not compressed by ${clause.text}`, "GZIP, SNAPPY or LZ4 is");
  return known;
}

function ttlOf(
  clause: NumberClause | undefined,
  properties: PropertiesClause | undefined,
  { ttl, ttlUnitMs }: BoundProperties,
  report: Reporter,
): number | null {
  if (ttl === null || properties === undefined) return clause?.value ?? null;
  const { span } = properties;
  if (clause !== undefined)
    report.error("DUPLICATE_CLAUSE", span, "TTL and the property 'ttl' both say when a row expires", "keep one of them");
  const seconds = (ttl * ttlUnitMs) / 1000;
  if (Number.isSafeInteger(seconds)) return seconds;
  report.error("INVALID_VALUE", span, `'ttl' is ${seconds} seconds, and Cassandra counts whole ones`, "for example ttl = 60");
  return null;
}

function checkSuffix(clause: TextClause, shape: StatementShape, target: BoundTarget, report: Reporter): void {
  if (refuseTimeless(clause, shape, report)) return;
  const suffix = compileIndexSuffix(clause.text);
  if (!suffix.ok) {
    report.error("INVALID_DATE_PATTERN", patternSpan(clause, suffix.offset, shape.text), suffix.message, suffix.hint);
    return;
  }
  for (const { message, offset, hint } of suffix.warnings) {
    report.warning("INVALID_DATE_PATTERN", patternSpan(clause, offset, shape.text), message, hint);
  }
  const broken = shape.naming === null ? indexRuleBroken(target.name + suffix.format(0)) : null;
  if (broken !== null) report.error("ILLEGAL_NAME", clause.span, `${target.name}${suffix.format(0)}: ${broken}`);
}

/** A suffix is made of the time of a row. */
export function refuseTimeless(
  { name, span }: Clause,
  { aggregated, windowed }: Pick<StatementShape, "aggregated" | "windowed">,
  report: Reporter,
): boolean {
  if (!aggregated || windowed) return false;
  const message = `${name} needs a time, and a group without a window has none`;
  report.error("CLAUSE_NOT_ALLOWED", span, message, "WINDOW TUMBLING (SIZE 1 DAY) gives each group one");
  return true;
}

/** From the character that is wrong to the end of the clause, where the pattern stands in it as it is. */
function patternSpan({ text: pattern, textSpan: span }: TextClause, offset: number, text: string): Span {
  const start = text.indexOf(pattern, span.start);
  return start < 0 || start >= span.end ? span : { start: Math.min(start + offset, span.end - 1), end: span.end };
}

/** EMIT, with its default: final results into a topic, whose readers cannot take them back; changes anywhere else. */
export function bindEmit({ emit }: Select, { target, windowed }: Pick<StatementShape, "target" | "windowed">): "changes" | "final" {
  if (emit !== null) return emit.mode === "FINAL" ? "final" : "changes";
  return windowed && target?.kind === "topic" ? "final" : "changes";
}

/** What EMIT EVERY says; null: something else is written, or nothing. */
export function bindEmitEvery({ emit }: Select): number | null {
  return emit?.mode === "EVERY" && emit.every !== null ? durationMs(emit.every) : null;
}
