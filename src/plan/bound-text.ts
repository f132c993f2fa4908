import type { BoundExpr } from "../model/expression.ts";
import { intervalText } from "../model/interval.ts";
import { jsonTextOf } from "../model/json-value.ts";
import { projectionText } from "../model/projection.ts";
import type { BoundAggregate, BoundStatement, FieldRef } from "../model/statement.ts";
import { isNumeric, typeName } from "../model/type.ts";

/** A bound expression as readable text, fully parenthesised, for EXPLAIN. */
export function boundText(
  expr: BoundExpr,
  statement: Pick<BoundStatement, "groupBy" | "aggregates"> & { fields: readonly FieldRef[] },
): string {
  const text = (inner: BoundExpr): string => boundText(inner, statement);
  switch (expr.kind) {
    case "literal":
      return literalText(expr);
    case "parameter":
      return expr.name;
    case "element":
      return expr.text;
    case "field":
      return statement.fields[expr.index]?.text ?? "?";
    case "meta":
      return `_${expr.name}`;
    case "group": {
      const group = statement.groupBy[expr.index];
      return group === undefined ? "?" : text(group);
    }
    case "aggregate":
      return (statement.aggregates[expr.index] as BoundAggregate).text;
    case "window":
      return `window_${expr.bound}`;
    case "over":
      return expr.text;
    case "not":
      return `NOT ${text(expr.operand)}`;
    case "negate":
      return `-${text(expr.operand)}`;
    case "binary":
      return `(${text(expr.left)} ${expr.op.toUpperCase()} ${text(expr.right)})`;
    case "in":
      return `${text(expr.operand)} IN (${expr.list.map(text).join(", ")})`;
    case "like":
      return `${text(expr.operand)} ${expr.op.toUpperCase()} ${text(expr.pattern)}`;
    case "is":
      return `${text(expr.operand)} IS ${expr.what.toUpperCase()}`;
    case "case": {
      const branches = expr.branches.map((branch) => `WHEN ${text(branch.when)} THEN ${text(branch.then)}`);
      return `CASE ${branches.join(" ")}${expr.otherwise === null ? "" : ` ELSE ${text(expr.otherwise)}`} END`;
    }
    case "cast":
      return `${expr.safe ? "TRY_CAST" : "CAST"}(${text(expr.operand)} AS ${typeName(expr.type)})`;
    case "call":
      return `${expr.name}(${expr.args.map(text).join(", ")})`;
    case "index":
      return `${text(expr.operand)}[${text(expr.index)}]`;
    case "member":
      return `(${text(expr.operand)}).${expr.name}`;
    case "project":
      return `${text(expr.operand)} ${projectionText(expr.projection)}`;
    case "array":
      return `ARRAY[${expr.items.map(text).join(", ")}]`;
    case "map":
      return `MAP(${expr.keys.map((key, index) => `${text(key)} := ${text(expr.values[index] as BoundExpr)}`).join(", ")})`;
    case "struct":
      return `STRUCT(${expr.type.fields.map(({ name }, index) => `${name} := ${text(expr.values[index] as BoundExpr)}`).join(", ")})`;
    case "lambda":
      return `(${expr.parameters.map(({ name }) => name).join(", ")}) => ${text(expr.body)}`;
  }
}

function literalText({ type, value }: BoundExpr & { kind: "literal" }): string {
  if (typeof value === "object" && value !== null) return `INTERVAL '${intervalText(value)}'`;
  if (typeof value === "string") return isNumeric(type) ? value : `'${value.replaceAll("'", "''")}'`;
  switch (type.kind) {
    case "timestamp":
    case "date":
    case "time":
      return value === null ? "NULL" : `${typeName(type)} '${jsonTextOf(type.kind)(value)}'`;
    default:
      return String(value).toUpperCase();
  }
}
