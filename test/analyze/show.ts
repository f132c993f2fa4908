import type { BoundExpr } from "../../src/model/expression.ts";
import { projectionText } from "../../src/model/projection.ts";
import type { BoundStatement } from "../../src/model/statement.ts";
import { typeName } from "../../src/model/type.ts";

/** A bound expression in one line: fields by name, fully parenthesised, types where they are not plain to see. */
export function show(expr: BoundExpr, statement: BoundStatement): string {
  const inner = (operand: BoundExpr): string => show(operand, statement);
  switch (expr.kind) {
    case "parameter":
      return expr.name;
    case "index":
      return `${inner(expr.operand)}[${inner(expr.index)}]`;
    case "member":
      return `(${inner(expr.operand)}).${expr.name}`;
    case "project":
      return `${inner(expr.operand)} ${projectionText(expr.projection)}`;
    case "array":
      return `[${expr.items.map(inner).join(", ")}]`;
    case "map":
      return `map(${expr.keys.map(inner).join(", ")} := ${expr.values.map(inner).join(", ")})`;
    case "struct":
      return `{${expr.type.fields.map(({ name }, index) => `${name}: ${inner(expr.values[index] as BoundExpr)}`).join(", ")}}`;
    case "lambda":
      return `(${expr.parameters.map(({ name }) => name).join(", ")}) => ${inner(expr.body)}`;
    case "literal":
      return `${JSON.stringify(expr.value)}${expr.type.kind === "timestamp" || expr.type.kind === "date" ? `:${typeName(expr.type)}` : ""}`;
    case "field":
      return statement.fields[expr.index]?.text ?? "?";
    case "meta":
      return `_${expr.name}`;
    case "group":
      return `group${expr.index}`;
    case "aggregate":
      return statement.aggregates[expr.index]?.text ?? "?";
    case "over":
      return expr.text;
    case "window":
      return `window_${expr.bound}`;
    case "not":
      return `not(${inner(expr.operand)})`;
    case "negate":
      return `-(${inner(expr.operand)})`;
    case "binary":
      return `(${inner(expr.left)} ${expr.op} ${inner(expr.right)})`;
    case "element":
      return expr.text;
    case "in":
      return `(${inner(expr.operand)} in ${expr.list.map(inner).join(", ")})`;
    case "like":
      return `(${inner(expr.operand)} ${expr.op} ${inner(expr.pattern)}${expr.escape === null ? "" : ` escape ${expr.escape}`})`;
    case "is":
      return `(${inner(expr.operand)} is ${expr.what})`;
    case "case": {
      const branches = expr.branches.map(({ when, then }) => `when ${inner(when)} then ${inner(then)}`);
      return `case ${branches.join(" ")}${expr.otherwise === null ? "" : ` else ${inner(expr.otherwise)}`} end`;
    }
    case "cast":
      return `${expr.safe ? "try_cast" : "cast"}(${inner(expr.operand)} as ${typeName(expr.type)})`;
    case "call":
      return `${expr.name}(${expr.args.map(inner).join(", ")})`;
  }
}

/** The columns of a statement: `name: expression TYPE`. */
export function showColumns(statement: BoundStatement): readonly string[] {
  return statement.items.map((item) =>
    item.kind !== "column" ? "*" : `${item.name}: ${show(item.expr, statement)} ${typeName(item.expr.type)}`,
  );
}

export function showKey({ identity, ...statement }: BoundStatement): string {
  if (identity.kind === "coordinates") return "coordinates";
  return identity.columns.map(({ name, expr }) => `${name}: ${show(expr, { identity, ...statement })}`).join(", ");
}
