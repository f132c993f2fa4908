import type { BoundExpr } from "../../model/expression.ts";
import { jsonWriterOf } from "../../model/json-value.ts";
import type { Value } from "../../model/value.ts";
import { type Code, type CodeScope, throwCode, valueOrNull } from "./code.ts";
import { CodeWriter } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { FunctionCache, type Static } from "./generated-function.ts";
import { helpers } from "./helpers.ts";

/** There is no row: nothing is read, and what fails is thrown. */
class ConstantScope implements CodeScope {
  readonly writer = new CodeWriter();
  readonly parameters: Code[] = [];
  readonly statics: Static[] = [];

  static(value: unknown, text: string): string {
    const name = this.writer.fresh("static");
    this.statics.push({ name, value, text });
    return name;
  }

  fail(message: string): string {
    return throwCode(message);
  }

  leaf(expr: BoundExpr): Code {
    throw new Error(`assertion failed: ${expr.kind} in a constant`);
  }
}

/** The value of an expression that reads nothing, computed by the code that rows would run. Throws a RangeError where a row would fail. */
export function constantValue(expr: BoundExpr): Value {
  const scope = new ConstantScope();
  const code = expressionCode(expr, scope);
  scope.writer.line(`return ${valueOrNull(code)};`);
  const compute = new FunctionCache().instantiate<() => Value | undefined>(
    { parameters: "", body: scope.writer.toString(), statics: scope.statics },
    helpers,
  );
  return compute() ?? null;
}

/** The same as JSON text. */
export function constantJson(expr: BoundExpr): string {
  const value = constantValue(expr);
  return value === null ? "null" : jsonWriterOf(expr.type)(value);
}
