/** What error recovery leaves where text was skipped: nodes of the right shape, with nothing in them. */
import type {
  ColumnDefinition,
  CreateStreamStatement,
  Duration,
  ExplainStatement,
  Expr,
  Ident,
  InsertStatement,
  Is,
  Option,
  Path,
  Ref,
  Relation,
  Select,
  SelectItem,
  SelectStatement,
  SetStatement,
  Span,
  Statement,
  TypeRef,
  Window,
} from "./ast.ts";
import type { Part } from "./clauses.ts";

export const missingExpr = (span: Span): Expr => ({ kind: "missing", span });
export const missingTruth = (): Is["what"] => "NULL";
export const missingIdent = (span: Span): Ident => ({ name: "", quoted: false, span });
export const missingPath = (span: Span): Path => ({ parts: [], span });
export const missingField = (span: Span): Ref => ({ kind: "ref", path: missingPath(span), span });
export const missingType = (span: Span): TypeRef => ({ name: "", parameters: [], arguments: [], span });
export const missingTypeArgument = (span: Span): TypeRef["arguments"][number] => ({ name: null, type: missingType(span) });

export const missingPart = (span: Span): Part => ({ kind: "missing", span });
export const noParts = (): Part[] => [];
export const missingDuration = (span: Span): Duration => ({ count: 1, unit: "MINUTE", span });
export const missingWindow = (span: Span): Window => ({ kind: "tumbling", size: missingDuration(span), grace: null, span });
export const missingItem = (span: Span): SelectItem => ({ kind: "expr", expr: missingExpr(span), alias: null, span });
export const missingRelation = (span: Span): Relation => ({ path: missingPath(span), alias: null, span });
export const missingTail = (span: Span): { from: Relation; parts: Part[] } => ({ from: missingRelation(span), parts: [] });
export const missingSelect = (span: Span): Select => ({
  items: [],
  from: missingRelation(span),
  where: null,
  window: null,
  groupBy: [],
  having: null,
  emit: null,
  limit: null,
  clauses: [],
  span,
});

export const missingStatement = (): Statement | null => null;
export const missingQuery = (span: Span): SelectStatement => ({ kind: "select", select: missingSelect(span), span });
export const missingInsert = (span: Span): InsertStatement => ({
  kind: "insert",
  name: null,
  mode: "INSERT",
  target: missingPath(span),
  select: missingSelect(span),
  span,
});
export const missingExplain = (span: Span): ExplainStatement => ({ kind: "explain", statement: missingQuery(span), span });
export const missingColumn = (span: Span): ColumnDefinition => ({ name: missingIdent(span), type: missingType(span), span });
export const missingText = (): string => "";
export const missingValue = (): Option["value"] => "";
export const missingOption = (span: Span): Option => ({ name: missingIdent(span), value: "", span });
export const missingSet = (span: Span): SetStatement => ({ kind: "set", name: "", value: "", span });
export const missingStream = (span: Span): CreateStreamStatement => ({
  kind: "create-stream",
  name: missingPath(span),
  columns: [],
  options: [],
  span,
});
