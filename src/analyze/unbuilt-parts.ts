import type { Select } from "../../grammar/ast.ts";
import type { QueryParts } from "./bind-query.ts";
import type { SelectInput } from "./bind-select.ts";
import { someNode } from "./bound-tree.ts";
import type { Unbuilt } from "./not-yet.ts";
import { ranks, unbuiltOver } from "./over-stage.ts";
import { dotted } from "./resolve-name.ts";
import { isOfTable } from "./table-reads.ts";

/** What cannot run yet of a SELECT, as far as only its types and relations tell; `not-yet.ts` has what is seen in the text. */
export function unbuiltOf(parts: QueryParts, input: SelectInput): readonly Unbuilt[] {
  const { select } = input;
  return [
    ...unbuiltStars(parts, input),
    ...unbuiltTimes(parts, select),
    ...unbuiltProcessing(parts, input),
    ...unbuiltElements(parts, input),
    ...unbuiltUnion(input),
    ...unbuiltDistinct(parts, select),
    ...unbuiltJoins(parts, select),
    ...unbuiltOver(parts, select),
  ];
}

/** What rows of several records lack, and what is joined that is no topic. */
function unbuiltJoins({ query, scope }: QueryParts, { joins, late }: Select): readonly Unbuilt[] {
  const [join] = joins.filter(({ right }) => right.kind !== "unnest");
  const { relations } = scope;
  const hint = "write what the sub-query gives to a topic, and read that";
  const unbuilt: Unbuilt[] = [];
  const ofTables = relations.find((one) => one.stage !== undefined && isOfJoinedTables(one.stage.parts));
  if (ofTables !== undefined) unbuilt.push({ what: "sub-queries over joined tables", span: ofTables.stage?.select.span ?? NOWHERE, hint });
  if (join === undefined) return unbuilt;
  const { span } = join;
  const stages = relations.flatMap(({ stage }) => stage ?? []);
  if (stages.some(({ parts }) => ranks(parts.scope))) unbuilt.push({ what: "joins of rankings", span, hint });
  if (stages.some(({ parts }) => parts.scope.relations.some(({ lookup }) => lookup === true)))
    unbuilt.push({ what: "joins of sub-queries that look up", span, hint });
  if (stages.some(({ parts }) => readsPlace(parts.query)))
    unbuilt.push({ what: "_offset, _partition and _topic in sub-queries that are joined", span, hint });
  if (stages.length > 0 && late !== null) unbuilt.push({ what: "LATE INTO clauses of joins of sub-queries", span: late.span, hint });
  if (readsPlace(query) && !isOfRecords(query))
    unbuilt.push({ what: "_offset, _partition and _topic in joins", span, hint: "a row is made of several records" });
  return unbuilt;
}

const NOWHERE = { start: 0, end: 0 };

/** Rows that are not groups, of tables that are joined or of a stage: nothing of what goes is left to find them by. */
function isOfJoinedTables({ query, aggregated, scope }: QueryParts): boolean {
  return !aggregated && scope.overs.length === 0 && isOfTable(query) && (query.joins.length > 0 || query.from.kind === "query");
}

/** Whether it says which record a row is of. */
function readsPlace({ where, having, groupBy, items }: QueryParts["query"]): boolean {
  const exprs = [where, having, ...groupBy, ...items.map((item) => (item.kind === "column" ? item.expr : null))];
  return exprs.some((expr) => expr !== null && someNode(expr, (leaf) => leaf.kind === "meta" && leaf.name !== "timestamp"));
}

/** What is joined is looked up for each record: the rows are those of one topic. */
function isOfRecords({ from, joins }: QueryParts["query"]): boolean {
  return from.kind === "topic" && joins.every(({ right }) => right.kind === "lookup");
}

/** Records that are merged, or come out of another aggregate, were not read at one time. */
function unbuiltProcessing({ query }: QueryParts, { select, settings }: SelectInput): readonly Unbuilt[] {
  if (settings.time !== "processing") return [];
  const hint = "write what comes first to a topic, and read that by processing time";
  const join = select.joins.find(({ right }) => right.kind !== "unnest");
  if (join !== undefined && !isOfRecords(query)) return [{ what: "joins by processing time", span: join.span, hint }];
  return query.from.kind === "query" ? [{ what: "aggregates over aggregates by processing time", span: select.span, hint }] : [];
}

/** Times of what has times of its own, and keys of groups. */
function unbuiltTimes({ query: { from, aggregated } }: QueryParts, select: Select): readonly Unbuilt[] {
  const unbuilt: Unbuilt[] = [];
  if (select.eventTime !== null && from.kind === "query") {
    const hint = "results of windows have the time in which their window ends";
    unbuilt.push({ what: "EVENTTIME BY clauses over what aggregates", span: select.eventTime.span, hint });
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

const HEADERS = "headers are selected by name, for example _header.origin";

/** Members that only the records know: they are written behind the columns of a row, and are nothing to group or to unite by. */
function unbuiltStars({ output, query }: QueryParts, { columns, select }: SelectInput): readonly Unbuilt[] {
  const isUnited = query.aggregated || query.distinct || columns !== null || select.union.length > 0;
  const ignored = select.clauses.flatMap((clause) => (clause.kind === "fields" && clause.name === "IGNORE" ? clause.fields : []));
  const stars = output.partialStars.flatMap(({ text, span, expr }) => {
    const owner = text.slice(0, -2);
    const hint = expr === null ? HEADERS : `select ${owner} as a whole, or its fields by name`;
    if (expr?.kind !== "field" || isUnited) return [{ what: `${text} of undeclared columns`, span, hint }];
    const inner = ignored.find(
      ({ parts }) => dotted({ parts, span }).startsWith(`${owner}.`) && parts.length > owner.split(".").length + 1,
    );
    return inner === undefined ? [] : [{ what: `fields that IGNORE names deep within ${text}`, span: inner.span, hint }];
  });
  return stars;
}
