import type { Select } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { QueryParts } from "./bind-query.ts";
import type { SelectInput } from "./bind-select.ts";
import type { Unbuilt } from "./not-yet.ts";

/** What cannot run yet of a SELECT, as far as only its types and relations tell; `not-yet.ts` has what is seen in the text. */
export function unbuiltOf(parts: QueryParts, input: SelectInput): readonly Unbuilt[] {
  const { select } = input;
  return [
    ...unbuiltStars(parts, select),
    ...unbuiltTimes(parts, select),
    ...unbuiltElements(parts, input),
    ...unbuiltUnion(input),
    ...unbuiltDistinct(parts, select),
  ];
}

/** Times that are no declared column, and keys of groups. */
function unbuiltTimes({ query: { eventTime, aggregated } }: QueryParts, select: Select): readonly Unbuilt[] {
  const unbuilt: Unbuilt[] = [];
  if (eventTime !== null && select.eventTime !== null && (eventTime.kind !== "field" || !isEventTime(eventTime.type))) {
    const hint = "a column declared as TIMESTAMP or BIGINT can be it";
    unbuilt.push({ what: "EVENTTIME BY clauses with anything but a declared time", span: select.eventTime.span, hint });
  }
  const [partition] = select.partitionBy;
  if (aggregated && partition !== undefined)
    unbuilt.push({
      what: "PARTITION BY clauses of groups",
      span: partition.span,
      hint: "the key of a group is its grouping; PK names another",
    });
  return unbuilt;
}

/** Rows of one record have one version: of those with one key only the last is written, and an UPSERT would have to add them up. */
function unbuiltElements({ query }: QueryParts, { mode, span }: SelectInput): readonly Unbuilt[] {
  if (query.unnests.length === 0 || query.aggregated || mode !== "upsert") return [];
  return [{ what: "UPSERT statements of elements", span, hint: "INSERT INTO … PK writes whole rows" }];
}

/** Rows are told apart by columns that are known, and are one row as a whole. */
function unbuiltDistinct({ query: { distinct, aggregated } }: QueryParts, { groupBy, items, clauses, span }: Select): readonly Unbuilt[] {
  if (!distinct) return [];
  const pk = clauses.find(({ name }) => name === "PK");
  if (pk !== undefined) return [{ what: "PK clauses of DISTINCT rows", span: pk.span, hint: "all columns together are the key" }];
  if (!aggregated) return [{ what: "DISTINCT rows of undeclared columns", span, hint: "CREATE STREAM declares the columns of *" }];
  const isOfRows =
    groupBy.length === 0 && items.every((item) => item.kind === "star" || item.expr.kind !== "call" || item.expr.over === null);
  return isOfRows ? [] : [{ what: "DISTINCT rows of groups", span, hint: "the rows of groups are distinct by their grouping" }];
}

/** Rows that are shown come from one statement. */
function unbuiltUnion({ select: { union }, target }: SelectInput): readonly Unbuilt[] {
  const [member] = union;
  if (member === undefined || target !== null) return [];
  return [{ what: "UNION queries outside of INSERT", span: member.span, hint: "show one SELECT after the other" }];
}

/** What only the fields of each record could tell. */
function unbuiltStars({ output }: QueryParts, { clauses }: Select): readonly Unbuilt[] {
  const { star, partialStars } = output;
  const stars = partialStars.map(({ text, span }) => {
    const owner = text.slice(0, -2);
    return { what: `${text} of undeclared columns`, span, hint: `select ${owner} as a whole, or its fields by name` };
  });
  const ignore = clauses.find((clause) => clause.kind === "fields" && clause.name === "IGNORE");
  const isOpen = ignore?.kind === "fields" && (star !== null || ignore.fields.some(({ parts }) => parts.length > 1));
  const hint = "CREATE STREAM declares the columns of *, and IGNORE leaves some out";
  return isOpen ? [...stars, { what: "IGNORE clauses for undeclared columns", span: ignore.span, hint }] : stars;
}

const isEventTime = ({ kind }: BoundExpr["type"]): boolean => kind === "timestamp" || kind === "bigint";
