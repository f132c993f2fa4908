import type { BoundExpr } from "../../model/expression.ts";
import { jsonWriterOf } from "../../model/json-value.ts";
import { typeName } from "../../model/type.ts";
import type { CodeWriter } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { isWritten } from "./group-scope.ts";
import { reprOf } from "./repr.ts";
import type { RowScope } from "./row-scope.ts";

/** Puts a part of a key into the variable `value`, which is null for NULL. `done`: what cannot be done by objects ("grouped"). */
export function keyValueCode(expr: BoundExpr, value: string, done: string, scope: RowScope): void {
  const { writer } = scope;
  const code = expressionCode(expr, scope);
  if (isWritten(expr.type)) {
    const write = scope.static(jsonWriterOf(expr.type), `write ${typeName(expr.type)}`);
    writer.line(`${value} = ${code.isNull} ? null : ${write}(${code.value});`);
    return;
  }
  const isObject = `typeof ${code.value} === "object" && ${code.value} !== null`;
  if (reprOf(expr.type) === "any") writer.line(`if (${isObject}) ${scope.fail(`"objects and arrays cannot be ${done} by"`)}`);
  writer.line(`${value} = ${code.isNull === "false" ? code.value : `${code.isNull} ? null : ${code.value}`};`);
}

/** Writes the canonical JSON text of a key to `keyWriter`: equal values, equal texts. */
export function writeKeyCode(values: readonly string[], writer: CodeWriter): void {
  writer.line("keyWriter.reset();");
  values.forEach((value, index) => {
    if (values.length > 1) writer.line(`keyWriter.ascii("${index === 0 ? "[" : ","}");`);
    writer.line(`h.writeGroupValue(keyWriter, ${value});`);
  });
  if (values.length > 1) writer.line('keyWriter.ascii("]");');
}
