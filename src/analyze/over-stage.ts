import type { Select, Span } from "../../grammar/ast.ts";
import { ROW_FUNCTIONS } from "../functions/row-functions.ts";
import { LIMITS } from "../limits.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundItem, BoundOver, BoundRanking, BoundStatement, FieldRef } from "../model/statement.ts";
import { BIGINT } from "../model/type.ts";
import type { QueryParts } from "./bind-query.ts";
import { conjuncts, isSame, someNode } from "./bound-tree.ts";
import { coversKey } from "./identity.ts";
import type { JoinedKey } from "./join-steps.ts";
import type { Unbuilt } from "./not-yet.ts";
import { stageEmit } from "./row-wise.ts";
import { bindRunning, isOffset, isOfTime } from "./running-over.ts";
import { fieldLeaf, type OverCall, type Scope, type ScopeRelation } from "./scope.ts";
import { isOfTable } from "./table-reads.ts";

/** Places by the order of ORDER BY. */
const RANKINGS: ReadonlySet<string> = new Set(["row_number", "rank", "dense_rank"]);

/**
 * Whether columns are places, which other rows can take: the rows are those of a table. ROW_NUMBER is a running number beside what looks
 * back, with a frame, and in the order of the log.
 */
export function ranks({ overs }: Pick<Scope, "overs">): boolean {
  const isRunning = ({ name, over, orderBy: [first] }: OverCall): boolean =>
    name === "row_number" && (over.frame !== null || first === undefined || (isOffset(first.expr) && !first.descending));
  return overs.some(isRanking) && overs.every((call) => isRanking(call) && !isRunning(call));
}

const isRanking = ({ name, orderBy }: OverCall): boolean => RANKINGS.has(name) && (orderBy.length > 0 || name === "row_number");

/** Whether what FROM reads are such rows. */
export function ranksBelow({ relations }: Scope): boolean {
  const stage = relations[0]?.stage;
  return stage !== undefined && ranks(stage.parts.scope);
}

/** What cannot run of a SELECT with OVER. */
export function unbuiltOver({ query, scope, output }: QueryParts, select: Select): readonly Unbuilt[] {
  const { overs } = scope;
  const [first] = overs;
  const below = scope.relations[0]?.stage?.parts.scope;
  if (query.aggregated && below !== undefined && ranks(below) && below.overs.some(({ name }) => name !== "row_number")) {
    const hint = "ROW_NUMBER gives each row a place of its own";
    return [{ what: "aggregates over places that rows share", span: select.from.span, hint }];
  }
  if (first === undefined) return [];
  const unbuilt: Unbuilt[] = [];
  const { span } = first;
  if (query.aggregated || query.distinct)
    unbuilt.push({ what: "OVER clauses beside groups", span, hint: "group in a sub-query: FROM (SELECT … GROUP BY …)" });
  if (query.unnests.length > 0)
    unbuilt.push({ what: "OVER clauses over elements", span, hint: "write the elements to a topic of their own" });
  if (isOfTable(query))
    unbuilt.push({ what: "OVER clauses over tables", span, hint: "SELECT STREAM … reads every change as a row of its own" });
  if (output.star !== null || output.partialStars.length > 0)
    unbuilt.push({
      what: "OVER clauses beside * of undeclared columns",
      span: select.items[0]?.span ?? span,
      hint: "select fields by name",
    });
  unbuilt.push(...(ranks(scope) ? unbuiltRanking(overs, first) : unbuiltRunning(overs)));
  for (const { expr } of ranks(scope) ? output.columns : []) {
    if (expr === null || expr.kind === "over" || !someNode(expr, ({ kind }) => kind === "over")) continue;
    const hint = "name it in a sub-query: FROM (SELECT …, f(x) OVER (…) AS y FROM …)";
    unbuilt.push({ what: "expressions of places", span, hint });
  }
  return unbuilt;
}

function unbuiltRanking(overs: readonly OverCall[], first: OverCall): readonly Unbuilt[] {
  const other = overs.find((call) => !isSameWindow(call, first));
  if (other === undefined) return [];
  const hint = "take one after the other, in sub-queries";
  return [{ what: "several OVER clauses that differ in one SELECT", span: other.span, hint }];
}

function unbuiltRunning(overs: readonly OverCall[]): readonly Unbuilt[] {
  return overs.flatMap(({ name, aggregate, span, orderBy }) => {
    if (aggregate !== null || ROW_FUNCTIONS.has(name)) return [];
    if (RANKINGS.has(name) && orderBy.length > 0)
      return [{ what: "places beside what looks back on rows", span, hint: "take one after the other, in sub-queries" }];
    const hint = name === "lead" ? "LAG looks back: in a stage the later row tells of the one before it" : RUNNING_HINT;
    return [{ what: `OVER clauses of ${name.toUpperCase()}`, span, hint }];
  });
}

const RUNNING_HINT = "aggregates, LAG, FIRST_VALUE, LAST_VALUE, ROW_NUMBER, RANK and DENSE_RANK are";

function isSameWindow(left: OverCall, right: OverCall): boolean {
  const isSameList = (a: readonly BoundExpr[], b: readonly BoundExpr[]): boolean =>
    a.length === b.length && a.every((expr, index) => isSame(expr, b[index] ?? null));
  const exprs = ({ orderBy }: OverCall): readonly BoundExpr[] => orderBy.map(({ expr }) => expr);
  const directions = ({ orderBy }: OverCall): string => JSON.stringify(orderBy.map((order) => [order.descending, order.nullsFirst]));
  return isSameList(left.partitionBy, right.partitionBy) && isSameList(exprs(left), exprs(right)) && directions(left) === directions(right);
}

/** What a stage with OVER gives beside the columns that it is read by, and under which names. */
interface OverColumns {
  readonly items: readonly BoundItem[];
  readonly fields: readonly FieldRef[];
  readonly partitionBy: readonly number[];
  readonly orderBy: readonly number[];
}

/** The columns of a SELECT with OVER, without those, and what its OVER needs. The same whoever asks. */
function overColumns({ output, scope }: QueryParts): OverColumns {
  const items: BoundItem[] = output.columns.flatMap(({ name, expr }) =>
    expr === null || expr.kind === "over" ? [] : [{ kind: "column" as const, name, expr }],
  );
  const names = new Set(output.columns.map(({ name }) => name));
  const fields: FieldRef[] = [];
  const numberOf = (expr: BoundExpr, prefix: string): number => {
    const known = items.find((item) => item.kind === "column" && isSame(item.expr, expr));
    let name = known?.kind === "column" ? known.name : null;
    if (name === null) {
      let count = 1;
      while (names.has(`${prefix}_${count}`)) count++;
      name = `${prefix}_${count}`;
      names.add(name);
      items.push({ kind: "column", name, expr });
    }
    const at = fields.findIndex(({ path }) => path[0] === name);
    return at >= 0 ? at : fields.push({ root: "value", path: [name], type: expr.type, text: name }) - 1;
  };
  const [call] = scope.overs;
  const partitionBy = (call?.partitionBy ?? []).map((expr) => numberOf(expr, "partition"));
  const orderBy = (call?.orderBy ?? []).map(({ expr }) => numberOf(expr, "order"));
  return { items, fields, partitionBy, orderBy };
}

/** Whether rows that OVER looks at together lie in one partition of their topic. */
export function looksWithinKeys(scope: Scope): boolean {
  return scope.overs.every(({ partitionBy }) => coversKey(partitionBy, scope));
}

/** Columns of a stage with OVER, in the scope of what reads it. */
interface OverKey {
  readonly partition: readonly BoundExpr[];
  readonly place: BoundExpr | null;
}

function overKey({ parts }: NonNullable<ScopeRelation["stage"]>, scope: Scope, span: Span): OverKey {
  const { fields, partitionBy } = overColumns(parts);
  const leaf = (name: string, type: FieldRef["type"]): BoundExpr | null => fieldLeaf(scope, span, "value", [name], type);
  const partition = partitionBy.map((number) => leaf(fields[number]?.path[0] ?? "", (fields[number] as FieldRef).type));
  const place = parts.output.columns.find(({ expr }) => expr?.kind === "over");
  return { partition: partition.filter((expr) => expr !== null), place: place === undefined ? null : leaf(place.name, BIGINT) };
}

/** What the rows of a ranking are known by, unless PK says otherwise: their partition and place. null: no ranking, or places are shared. */
export function placeKey(relation: ScopeRelation | undefined, scope: Scope, span: Span): JoinedKey | null {
  const stage = relation?.stage;
  if (stage === undefined || !ranks(stage.parts.scope)) return null;
  if (stage.parts.scope.overs.some(({ name }) => name !== "row_number")) return null;
  const { partition, place } = overKey(stage, scope, span);
  const columns = [...partition, ...(place === null ? [] : [place])];
  return { of: "table", columns: columns.map((expr) => ({ name: nameOf(expr, scope), expr })) };
}

function nameOf(expr: BoundExpr, { fields }: Scope): string {
  return (expr.kind === "field" ? fields[expr.index]?.path.at(-1) : undefined) ?? "key";
}

/** What is added to the rows of the stage. null: reported. */
export function bindOver(
  stage: NonNullable<ScopeRelation["stage"]>,
  reader: QueryParts,
  identity: BoundStatement["identity"],
): (Pick<OverColumns, "items"> & { readonly over: BoundOver }) | null {
  const { parts } = stage;
  const [call] = parts.scope.overs;
  if (call === undefined) return null;
  if (!ranks(parts.scope)) return bindRunning(parts);
  const { items, fields, partitionBy, orderBy } = overColumns(parts);
  const limit = limitOf(parts, reader);
  if (limit === null) {
    const message = "places of rows that never end change without end: only the first ones can be known";
    const first = "FROM (SELECT …, ROW_NUMBER() OVER (…) AS place FROM …) WHERE place <= 10";
    const isInOrder = call.name === "row_number" && isOfTime(call.orderBy[0]?.expr ?? null, parts);
    const hint = isInOrder ? `${first}; with ROWS UNBOUNDED PRECEDING it is a running number` : first;
    return reader.scope.report.error("INVALID_VALUE", call.span, message, hint);
  }
  if (limit.places > LIMITS.rankedRowsMax) {
    const message = `the first ${limit.places} places are more than are kept: ${LIMITS.rankedRowsMax} (rankedRowsMax)`;
    return reader.scope.report.error("TOO_LARGE", call.span, message, "a table of all rows can be sorted by who reads it");
  }
  const columns = parts.output.columns.flatMap(({ name, expr }) => {
    const own = expr?.kind === "over" ? parts.scope.overs[expr.index] : undefined;
    return own === undefined ? [] : [{ name, call: own.name, type: own.type, text: own.text }];
  });
  const over: BoundRanking = {
    kind: "ranking",
    fields,
    partitionBy,
    orderBy: call.orderBy.map(({ descending, nullsFirst }, index) => ({ field: orderBy[index] as number, descending, nullsFirst })),
    columns,
    limit: limit.places,
    limitedBy: Math.max(
      columns.findIndex(({ name }) => name === limit.column),
      0,
    ),
    closes: closes(parts),
    vacates: vacates(stage, reader, identity),
  };
  return { items, over };
}

/** Which places the reader asks for, at most; null: it does not say. */
function limitOf({ output }: QueryParts, { query, scope }: QueryParts): { readonly places: number; readonly column: string } | null {
  const places = new Set(output.columns.flatMap(({ name, expr }) => (expr?.kind === "over" ? [name] : [])));
  const placeOf = (expr: BoundExpr): string | null => {
    const field = expr.kind === "field" ? scope.fields[expr.index] : undefined;
    const name = field?.root === "value" && field.path.length === 1 ? (field.path[0] as string) : null;
    return name !== null && places.has(name) ? name : null;
  };
  const numberOf = (expr: BoundExpr): number | null => (expr.kind === "literal" && typeof expr.value === "number" ? expr.value : null);
  let limit: { readonly places: number; readonly column: string } | null = null;
  for (const part of query.where === null ? [] : conjuncts(query.where)) {
    if (part.kind !== "binary") continue;
    const isLeft = placeOf(part.left) !== null;
    const column = placeOf(part.left) ?? placeOf(part.right);
    if (column === null) continue;
    const value = numberOf(isLeft ? part.right : part.left);
    const op = isLeft ? part.op : MIRRORED[part.op];
    if (value === null || (op !== "<" && op !== "<=" && op !== "=")) continue;
    const most = Math.max(op === "<" ? Math.ceil(value) - 1 : Math.floor(value), 0);
    if (limit === null || (limit.column === column && most < limit.places)) limit = { places: most, column };
  }
  return limit;
}

const MIRRORED: Readonly<Record<string, string>> = { "=": "=", ">": "<", ">=": "<=" };

/** Results of a window all have the time of its end, and come in the order of their ends. */
function closes({ scope }: QueryParts): boolean {
  const below = scope.relations[0]?.stage;
  if (below === undefined || scope.relations.length > 1 || stageEmit(below.select) !== "final") return false;
  const { window } = below.parts.query;
  if (window === null || window.kind === "count") return false;
  const isBound = (expr: BoundExpr): boolean => {
    const field = expr.kind === "field" ? scope.fields[expr.index] : undefined;
    const column =
      field?.root === "value" && field.path.length === 1 ? below.parts.output.columns.find(({ name }) => name === field.path[0]) : null;
    if (column?.expr?.kind !== "window") return false;
    const isFixed = window.kind === "tumbling" || window.kind === "hopping";
    return column.expr.bound === "end" || (column.expr.bound === "start" && isFixed);
  };
  return scope.overs[0]?.partitionBy.some(isBound) === true;
}

/** An id that is made of partition and place alone is taken over by the next row there. */
function vacates(
  stage: NonNullable<ScopeRelation["stage"]>,
  reader: QueryParts,
  identity: BoundStatement["identity"],
): BoundRanking["vacates"] {
  if (reader.aggregated || identity.kind !== "columns") return "nothing";
  const { scope } = reader;
  const { partition, place } = overKey(stage, scope, reader.output.columns[0]?.span ?? { start: 0, end: 0 });
  const isPlace = ({ expr }: { readonly expr: BoundExpr }): boolean => place !== null && isSame(expr, place);
  const isOfPlace = (column: { readonly expr: BoundExpr }): boolean =>
    isPlace(column) || partition.some((expr) => isSame(expr, column.expr));
  const isShared = stage.parts.scope.overs.some(({ name }) => name !== "row_number");
  if (!isShared && identity.columns.every(isOfPlace)) return "nothing";
  return identity.columns.some(({ expr }) => someNode(expr, (leaf) => place !== null && isSame(leaf, place))) ? "moved" : "left";
}
