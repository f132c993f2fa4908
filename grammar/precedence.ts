import type { BinaryOp, Expr } from "./ast.ts";

/** How tightly things bind, loosest first; as in PostgreSQL and DuckDB. The grammar folds by it, the printer puts parentheses by it. */
export const PRECEDENCE = {
  OR: 1,
  AND: 2,
  not: 3,
  "IS DISTINCT FROM": 4,
  "IS NOT DISTINCT FROM": 4,
  is: 4,
  "=": 5,
  "<>": 5,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  /** BETWEEN, IN, LIKE. */
  membership: 6,
  "||": 7,
  "+": 8,
  "-": 8,
  "*": 9,
  "/": 9,
  "%": 9,
  negate: 10,
  "at-time-zone": 11,
  primary: 12,
} as const satisfies Record<BinaryOp | "not" | "is" | "membership" | "negate" | "at-time-zone" | "primary", number>;

export function precedenceOf(expr: Expr): number {
  switch (expr.kind) {
    case "binary":
      return PRECEDENCE[expr.op];
    case "not":
    case "is":
    case "negate":
    case "at-time-zone":
      return PRECEDENCE[expr.kind];
    case "between":
    case "in":
    case "like":
      return PRECEDENCE.membership;
    default:
      return PRECEDENCE.primary;
  }
}

/** `a + b - c` read from flat lists of operands and the operators between them. */
export function foldBinary(operands: readonly Expr[], operators: readonly BinaryOp[]): Expr {
  const values = operands.slice(0, 1);
  const pending: BinaryOp[] = [];
  const reduce = (): void => {
    const [left, right] = values.splice(-2) as [Expr, Expr];
    const op = pending.pop() as BinaryOp;
    values.push({ kind: "binary", op, left, right, span: { start: left.span.start, end: right.span.end } });
  };
  operators.forEach((op, index) => {
    const operand = operands[index + 1];
    if (operand === undefined) return; // error recovery gave up between an operator and its operand
    for (let top = pending.at(-1); top !== undefined && PRECEDENCE[top] >= PRECEDENCE[op]; top = pending.at(-1)) reduce();
    pending.push(op);
    values.push(operand);
  });
  while (pending.length > 0) reduce();
  return values[0] as Expr;
}
