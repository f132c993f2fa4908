import { expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SCALAR_FUNCTIONS, scalarFunction } from "../../src/functions/registry.ts";
import type { Value } from "../../src/functions/spec.ts";
import type { BoundExpr } from "../../src/model/expression.ts";
import { parseTimestamp } from "../../src/model/timestamp-text.ts";
import { statement } from "../analyze/catalog.ts";

/** Just what examples are made of: literals, calls, and the few operators that a call may be rewritten to. */
function evaluate(expr: BoundExpr): Value {
  switch (expr.kind) {
    case "literal":
      return expr.value;
    case "call": {
      const implement = must(scalarFunction(expr.name)?.implement) as (...args: readonly Value[]) => Value;
      return implement(...expr.args.map(evaluate));
    }
    case "cast": {
      const value = evaluate(expr.operand);
      return expr.type.kind === "timestamp" ? must(parseTimestamp(String(value))) : String(value);
    }
    case "binary": {
      const [left, right] = [Number(evaluate(expr.left)), Number(evaluate(expr.right))];
      if (expr.op === "%") return right === 0 ? null : left % right;
      if (expr.op === ">") return left > right;
      break;
    }
    case "case": {
      const branch = expr.branches.find(({ when }) => evaluate(when) === true);
      const result = branch?.then ?? expr.otherwise;
      return result === null ? null : evaluate(result);
    }
  }
  throw new Error(`examples have no ${expr.kind}`);
}

it.each(SCALAR_FUNCTIONS.flatMap(({ examples }) => examples))("$sql is $result", ({ sql, result }) => {
  const [item] = statement(`INSERT INTO x SELECT ${sql} AS y FROM raw`).items;
  expect(item?.kind === "column" ? evaluate(item.expr) : undefined).toBe(result);
});
