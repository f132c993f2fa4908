/** What KCQL's clauses say of the records that a statement reads and writes: key, timestamp, sample. */
import type { Clause, FieldsClause, OffsetsClause, SampleClause, TextClause, TimeClause } from "../../grammar/ast.ts";
import type { BoundExpr, BoundOp } from "../model/expression.ts";
import type { BoundRecordTime } from "../model/statement.ts";
import { BIGINT, BOOLEAN, INT, isNumeric, TIMESTAMP, typeName } from "../model/type.ts";
import type { Reporter } from "./reporter.ts";
import { resolveField } from "./resolve-field.ts";
import { dotted } from "./resolve-name.ts";
import type { Scope } from "./scope.ts";

/** What KCQL puts between the parts of a key where KEYDELIMITER says nothing. */
const DELIMITER = ".";

/** The clause that names the key of records of a topic, and what stands between its parts; null: a JSON array is made of several. */
export function recordKeyClause(
  clauses: readonly Clause[],
  isTopic: boolean,
  report: Reporter,
): { readonly fields: FieldsClause | null; readonly delimiter: string | null } {
  const named = clauses.filter((clause): clause is FieldsClause => clause.kind === "fields" && KEY_CLAUSES.has(clause.name));
  const [fields = null, other] = named;
  if (!isTopic) return { fields: null, delimiter: null };
  if (fields !== null && other !== undefined)
    report.error("CLAUSE_NOT_ALLOWED", other.span, `${fields.name} and ${other.name} both name the key of records`, "keep one of them");
  const written = clauses.find((clause): clause is TextClause => clause.name === "KEYDELIMITER");
  if (written !== undefined && fields === null)
    report.error(
      "CLAUSE_NOT_ALLOWED",
      written.span,
      "KEYDELIMITER stands between the parts of a key, and none is named",
      "WITHKEY (a, b) does",
    );
  return { fields, delimiter: written?.text ?? (fields?.name === "WITHKEY" ? DELIMITER : null) };
}

const KEY_CLAUSES: ReadonlySet<string> = new Set(["PK", "PARTITIONBY", "WITHKEY"]);

// --- timestamps --------------------------------------------------------------------------------

const UNITS_MS: Readonly<Record<string, number>> = {
  NANOSECONDS: 1e-6,
  MICROSECONDS: 1e-3,
  MILLISECONDS: 1,
  SECONDS: 1000,
  MINUTES: 60_000,
  HOURS: 3_600_000,
  DAYS: 86_400_000,
};

/** WITHTIMESTAMP and TIMESTAMPUNIT; null: nothing was said, or what is wrong with it was reported. */
export function bindRecordTime(clauses: readonly Clause[], aggregated: boolean, scope: Scope): BoundRecordTime | null {
  const { report } = scope;
  const clause = clauses.find((one): one is TimeClause => one.kind === "time");
  const unit = clauses.find((one): one is TextClause => one.name === "TIMESTAMPUNIT");
  if (clause === undefined) {
    if (unit !== undefined)
      report.error("CLAUSE_NOT_ALLOWED", unit.span, "TIMESTAMPUNIT belongs to WITHTIMESTAMP", "WITHTIMESTAMP names a field");
    return null;
  }
  const { field, span } = clause;
  if (aggregated) {
    const message = "WITHTIMESTAMP is the time of a record, and a group has that of its window";
    return report.error("CLAUSE_NOT_ALLOWED", span, message, "leave it out");
  }
  if (field === null) {
    const hint = "the topic's setting message.timestamp.type = LogAppendTime has brokers write their own time";
    return report.error("CLAUSE_NOT_ALLOWED", span, "sys_time() would be another time at every repeat", hint);
  }
  const expr = resolveField(field, { scope, clause: "WITHTIMESTAMP", inAggregate: false, parameters: [], alias: () => null });
  if (expr === null) return null;
  const unitMs = UNITS_MS[unit?.text ?? "MILLISECONDS"] ?? 1;
  const { type } = expr;
  const isNumber = type.kind === "any" || isNumeric(type);
  const isTime = unitMs === 1 && (type.kind === "timestamp" || type.kind === "string" || type.kind === "any");
  if (!isNumber && !isTime) {
    const message = `'${dotted(field)}' is ${typeName(type)}, and cannot be a time in ${unit?.text ?? "milliseconds"}`;
    return report.error("TYPE_MISMATCH", field.span, message, "a number, or without TIMESTAMPUNIT a TIMESTAMP is one");
  }
  const isCast = unitMs === 1 && (type.kind === "string" || type.kind === "any");
  return { expr: isCast ? { kind: "cast", type: TIMESTAMP, operand: expr, safe: false } : expr, unitMs, text: dotted(field) };
}

// --- which records -----------------------------------------------------------------------------

const number = (value: number): BoundExpr => ({ kind: "literal", type: BIGINT, value });
const compared = (op: BoundOp, left: BoundExpr, right: BoundExpr): BoundExpr => ({ kind: "binary", type: BOOLEAN, op, left, right });
const OFFSET: BoundExpr = { kind: "meta", type: BIGINT, name: "offset" };
const PARTITION: BoundExpr = { kind: "meta", type: INT, name: "partition" };

/** WHERE, with what SAMPLE and WITHOFFSET say: the same records in every run, as their places decide. */
export function withPlaces(where: BoundExpr | null, clauses: readonly Clause[]): BoundExpr | null {
  const sample = clauses.find((clause): clause is SampleClause => clause.kind === "sample");
  const offsets = clauses.find((clause): clause is OffsetsClause => clause.kind === "offsets");
  const conditions = [sample === undefined ? null : sampled(sample), offsets === undefined ? null : placed(offsets), where];
  return joined(
    "and",
    conditions.filter((condition) => condition !== null),
  );
}

function sampled({ count, every }: SampleClause): BoundExpr {
  return compared("<", { kind: "binary", type: BIGINT, op: "%", left: OFFSET, right: number(every) }, number(count));
}

function placed({ offsets }: OffsetsClause): BoundExpr | null {
  const places = offsets.map(({ partition, offset }) => {
    const ofPartition = compared("=", PARTITION, number(partition));
    return offset === null ? ofPartition : compared("and", ofPartition, compared(">=", OFFSET, number(offset)));
  });
  return joined("or", places);
}

function joined(op: "and" | "or", conditions: readonly BoundExpr[]): BoundExpr | null {
  const [first = null, ...rest] = conditions;
  return rest.reduce<BoundExpr | null>((left, right) => (left === null ? right : compared(op, left, right)), first);
}
