/** What error recovery leaves where text was skipped: nodes of the right shape, with nothing in them. */
import type {
  Clause,
  Duration,
  Expr,
  Formats,
  Frame,
  FrameBound,
  Ident,
  Is,
  Join,
  OffsetsClause,
  OrderItem,
  Over,
  Path,
  Property,
  Ref,
  Relation,
  Select,
  SelectItem,
  Span,
  Stage,
  Tag,
  TypeRef,
  Unnest,
  Window,
  Within,
} from "./ast.ts";
import type { Part } from "./clauses.ts";
import type { Head, Tail } from "./select.ts";
import type {
  ColumnDefinition,
  ColumnRole,
  CreateStatement,
  ExplainStatement,
  InsertStatement,
  Option,
  SelectStatement,
  Statement,
} from "./statement-ast.ts";
import type { InsertMode } from "./statements.ts";
import type { WindowPart } from "./windows.ts";

export const missingExpr = (span: Span): Expr => ({ kind: "missing", span });
export const missingTruth = (): Is["what"] => "NULL";
export const missingIdent = (span: Span): Ident => ({ name: "", quoted: false, span });
export const missingPath = (span: Span): Path => ({ parts: [], span });
export const missingField = (span: Span): Ref => ({ kind: "ref", path: missingPath(span), span });
export const missingType = (span: Span): TypeRef => ({ name: "", parameters: [], arguments: [], span });
export const missingTypeArgument = (span: Span): TypeRef["arguments"][number] => ({ name: null, type: missingType(span) });

export const missingPart = (span: Span): Part => ({ kind: "missing", span });
/** The one clause that says nothing. */
export const missingClause = (span: Span): Clause => ({ kind: "properties", name: "PROPERTIES", properties: [], span });
export const missingProperty = (span: Span): Property => ({ key: "", value: "", span });
export const noProperties = (): Property[] => [];
export const missingTag = (span: Span): Tag => ({ key: "", type: "DEFAULT", value: null, span });
export const missingOffset = (): OffsetsClause["offsets"][number] => ({ partition: 0, offset: null });
export const noParts = (): Part[] => [];
export const missingDuration = (span: Span): Duration => ({ count: 1, unit: "MINUTE", span });
export const missingWindow = (span: Span): Window => ({
  kind: "tumbling",
  size: missingDuration(span),
  grace: null,
  offset: null,
  timeZone: null,
  retention: null,
  span,
});
export const missingWindowPart = (span: Span): WindowPart => ({ name: "grace", value: missingDuration(span), span });
export const missingOver = (span: Span): Over => ({ partitionBy: [], orderBy: [], frame: null, span });
export const missingOrderItem = (span: Span): OrderItem => ({ expr: missingExpr(span), descending: false, nulls: null, span });
export const missingBound = (span: Span): FrameBound => ({ direction: "CURRENT ROW", distance: null, span });
export const missingFrame = (span: Span): Frame => ({ unit: "ROWS", start: missingBound(span), end: null, span });
export const missingItem = (span: Span): SelectItem => ({ kind: "expr", expr: missingExpr(span), alias: null, span });
export const missingRelation = (span: Span): Relation => ({ kind: "relation", path: missingPath(span), alias: null, span });
export const missingTail = (span: Span): Tail => ({ from: missingRelation(span), joins: [], parts: [] });
export const missingHead = (): Head => ({ readAs: null, distinct: false, items: [] });
export const missingUnnest = (span: Span): Unnest => ({ kind: "unnest", operand: missingExpr(span), alias: null, columns: [], span });
export const missingJoin = (span: Span): Join => ({
  type: "INNER",
  right: missingRelation(span),
  on: null,
  using: [],
  within: null,
  span,
});
export const missingWithin = (span: Span): Within => ({ before: missingDuration(span), after: missingDuration(span), grace: null, span });
/** What a SELECT has that says nothing beyond its relation. */
export const EMPTY_SELECT = {
  with: [],
  readAs: null,
  distinct: false,
  items: [],
  joins: [],
  formats: null,
  where: null,
  window: null,
  groupBy: [],
  having: null,
  partitionBy: [],
  eventTime: null,
  startAt: null,
  late: null,
  emit: null,
  limit: null,
  union: [],
} as const;
export const missingSelect = (span: Span): Select => ({
  ...EMPTY_SELECT,
  from: missingRelation(span),
  clauses: [],
  span,
});

export const missingStage = (span: Span): Stage => ({ name: missingIdent(span), select: missingSelect(span), span });
export const noStages = (): Stage[] => [];

export const missingStatement = (): Statement | null => null;
export const missingQuery = (span: Span): SelectStatement => ({ kind: "select", select: missingSelect(span), span });
export const missingInsert = (span: Span): InsertStatement => ({
  kind: "insert",
  name: null,
  mode: "INSERT",
  target: missingPath(span),
  store: null,
  select: missingSelect(span),
  span,
});
export const missingExplain = (span: Span): ExplainStatement => ({ kind: "explain", analyze: false, statement: missingQuery(span), span });
export const missingColumn = (span: Span): ColumnDefinition => ({ name: missingIdent(span), type: missingType(span), role: null, span });
export const missingText = (): string => "";
export const missingValue = (): Option["value"] => "";
export const missingOption = (span: Span): Option => ({ name: missingIdent(span), value: "", span });
export const missingStream = (span: Span): CreateStatement => ({
  kind: "create",
  relation: "STREAM",
  orReplace: false,
  ifNotExists: false,
  name: missingPath(span),
  columns: [],
  options: [],
  select: null,
  span,
});
export const missingRole = (span: Span): ColumnRole => ({ kind: "KEY", header: null, span });
export const missingMode = (): InsertMode => ({ mode: "INSERT", pk: null });
export const missingFormats = (span: Span): Formats => ({ key: null, value: null, span });
export const missingRow = (): Expr[] => [];
export const noIdents = (): Ident[] => [];
export const noColumns = (): ColumnDefinition[] => [];
export const noOptions = (): Option[] => [];
