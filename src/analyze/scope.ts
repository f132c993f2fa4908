import type { Over, Span } from "../../grammar/ast.ts";
import { LIMITS } from "../limits.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { QueryField } from "../model/query.ts";
import type { BoundAggregate, BoundFrame, BoundUnnest, FieldRef } from "../model/statement.ts";
import type { DataType } from "../model/type.ts";
import type { StageQuery } from "./bind-stage.ts";
import { operandsOf } from "./bound-tree.ts";
import type { Reporter } from "./reporter.ts";
import { type Column, columnsOf, type ResolvedSource } from "./resolve-name.ts";

/** What stands after FROM or JOIN. Stages and sub-queries have their columns as if they were declared. */
export interface ScopeRelation {
  readonly source: ResolvedSource;
  /** `FROM temperatures t` */
  readonly alias: string | null;
  /** null: nobody knows. */
  readonly kind: "stream" | "table" | null;
  /** null: its columns are fields of the record. */
  readonly made: MadeColumns | null;
  /** The query that it stands for, where that is more than rows; left out: a topic, or what is merged. */
  readonly stage?: StageQuery;
  /** It is an index or table, of which rows are looked up by their key; left out: it has records of its own. */
  readonly lookup?: true;
}

/** Columns that are expressions over the record: of a query that is merged into the one that reads it, and of elements. */
export interface MadeColumns {
  /** null: what is wrong with it was reported. */
  readonly byName: ReadonlyMap<string, BoundExpr | null>;
  /** Other names are fields of the record: `*` of a schemaless stream. */
  readonly isOpen: boolean;
  /** The merged query, whose scope the expressions belong to; null: this scope. */
  readonly scope: Scope | null;
}

/** A function that looks at the rows around. */
export interface OverCall {
  /** Lower case. */
  readonly name: string;
  readonly type: DataType;
  readonly args: readonly BoundExpr[];
  /** null: a function that needs OVER. */
  readonly aggregate: BoundAggregate | null;
  readonly ignoresNulls: boolean;
  /** null: all rows up to the current one. */
  readonly frame: BoundFrame | null;
  readonly partitionBy: readonly BoundExpr[];
  readonly orderBy: readonly { readonly expr: BoundExpr; readonly descending: boolean; readonly nullsFirst: boolean }[];
  readonly over: Over;
  readonly text: string;
  readonly span: Span;
}

/** What the names of one SELECT mean, and what its expressions have been found to use. Grows while it is bound. */
export interface Scope {
  /** Of FROM, then of each JOIN. */
  readonly relations: ScopeRelation[];
  /** Of the records: the relation after FROM, or what a query there reads. */
  readonly source: ResolvedSource;
  /** Relations whose record key says in which partition a row lies. */
  located: readonly number[];
  /** Fields may have the names of relations before them. */
  readonly joined: boolean;
  readonly windowed: boolean;
  /** Windows are of so many rows. */
  readonly counted: boolean;
  readonly report: Reporter;
  readonly fields: QueryField[];
  readonly fieldIndexes: Map<string, number>;
  readonly aggregates: BoundAggregate[];
  readonly aggregateIndexes: Map<string, number>;
  /** Calls with OVER. */
  readonly overs: OverCall[];
  /** Arrays whose elements are rows, those of outer loops first. */
  readonly unnests: BoundUnnest[];
  /** Of `unnests`: the arrays of EXPLODE in SELECT, once there is one. */
  explodeStep: number | null;
  /** Where each bound node was written, for errors that are found later. */
  readonly spans: WeakMap<BoundExpr, Span>;
  readonly nodeCounts: WeakMap<BoundExpr, number>;
  /** Number literals with a fraction as they are written: beside decimals all their digits count. */
  readonly numberTexts: WeakMap<BoundExpr, string>;
  /** First uses of the record key, as a whole and by fields of it. */
  readonly keyUse: { whole: Span | null; fields: Span | null };
}

export function createScope(
  from: ScopeRelation,
  { joined, windowed, counted }: Pick<Scope, "joined" | "windowed" | "counted">,
  report: Reporter,
): Scope {
  return {
    relations: [from],
    located: [0],
    source: recordsOf(from),
    joined,
    windowed,
    counted,
    report,
    fields: [],
    fieldIndexes: new Map(),
    aggregates: [],
    aggregateIndexes: new Map(),
    overs: [],
    unnests: [],
    explodeStep: null,
    spans: new WeakMap(),
    nodeCounts: new WeakMap(),
    numberTexts: new WeakMap(),
    keyUse: { whole: null, fields: null },
  };
}

type Clause =
  | "SELECT"
  | "ON"
  | "WHERE"
  | "GROUP BY"
  | "HAVING"
  | "PARTITION BY"
  | "EVENTTIME BY"
  | "START AT"
  | "UNNEST"
  | "PK"
  | "INTO"
  | "WITHTIMESTAMP"
  | "VALUES";

/** What the records are that a relation is made of. */
export function recordsOf({ source, made }: ScopeRelation): ResolvedSource {
  return made === null || made.scope === null ? source : made.scope.source;
}

/** Where an expression stands, which decides what its names may mean. */
export interface Place {
  readonly scope: Scope;
  readonly clause: Clause;
  /** Inside an aggregate's argument: rows again, also in SELECT and HAVING. */
  readonly inAggregate: boolean;
  /** Of the lambdas around it, those of outer ones first. */
  readonly parameters: readonly (BoundExpr & { readonly kind: "parameter" })[];
  /** Names of SELECT that stand for their expression here. */
  readonly alias: (name: string) => BoundExpr | null;
}

/** A bound node with its place in the text. null: BETWEEN and CASE, which repeat an operand, have grown it beyond all bounds. */
export function node(scope: Scope, span: Span, expr: BoundExpr): BoundExpr | null {
  let count = 1;
  for (const operand of operandsOf(expr)) count += scope.nodeCounts.get(operand) ?? 1;
  if (count > LIMITS.expressionNodesMax) return refuseSize(scope, span);
  scope.nodeCounts.set(expr, count);
  scope.spans.set(expr, span);
  return expr;
}

function refuseSize({ report }: Scope, span: Span): null {
  const message = `the expressions of the statement have more than ${LIMITS.expressionNodesMax} parts`;
  return report.error("TOO_LARGE", span, message, "BETWEEN and CASE x WHEN count their operand several times");
}

/** Whether the expressions of a statement together are small enough to be worked on; else it is reported. */
export function fitsLimit(scope: Scope, exprs: readonly (BoundExpr | null)[], span: Span): boolean {
  const total = exprs.reduce((sum, expr) => sum + (expr === null ? 0 : (scope.nodeCounts.get(expr) ?? 1)), 0);
  if (total > LIMITS.expressionNodesMax) refuseSize(scope, span);
  return total <= LIMITS.expressionNodesMax;
}

/** Every column there is, of all relations; null: any field may be there. */
export function allColumns({ relations }: Scope): readonly Column[] | null {
  const known = relations.map(({ source }) => columnsOf(source));
  return known.every((columns) => columns !== null) ? known.flat() : null;
}

/** A leaf for a field of the record; the statement reads it once, however often it is named. */
export function fieldLeaf(
  scope: Scope,
  span: Span,
  root: FieldRef["root"],
  path: readonly string[],
  type: DataType,
  relation = 0,
): BoundExpr | null {
  const key = [relation, root, ...path].join("\0");
  const known = scope.fieldIndexes.get(key);
  const index = known ?? scope.fields.push({ root, path, type, text: fieldText(scope, relation, root, path), relation }) - 1;
  scope.fieldIndexes.set(key, index);
  return node(scope, span, { kind: "field", type, index });
}

function fieldText({ relations, joined }: Scope, relation: number, root: FieldRef["root"], path: readonly string[]): string {
  const name = root !== "value" ? [`_${root}`, ...path] : path.length === 0 ? ["_value"] : path;
  const of = relations[relation];
  const qualifier = joined && of !== undefined ? [of.alias ?? of.source.name].filter((part) => part !== "") : [];
  return [...qualifier, ...name].join(".");
}

/** Whether the node is this field of the value; `relation`: of its records. */
export function isValueField(scope: Scope, expr: BoundExpr, name: string, relation: number | null = null): boolean {
  const field = expr.kind === "field" ? scope.fields[expr.index] : undefined;
  const isIt = field?.root === "value" && field.path.length === 1 && field.path[0] === name;
  return isIt && (relation === null || field.relation === relation);
}
