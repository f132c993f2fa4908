import type { BoundStatement } from "../../model/statement.ts";
import type { CodeScope } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { plainKeyText } from "./output-code.ts";
import { reprOf } from "./repr.ts";

/** The target of a row or group at a time: an expression. A row that names none, or one that cannot be, is left here. */
export function targetCode({ targetName }: BoundStatement, time: string, scope: CodeScope): string {
  if (targetName === null) return `task.targetAt(${time})`;
  const { expr, text } = targetName;
  const { writer } = scope;
  const code = expressionCode(expr, scope);
  const missing = scope.fail(literalCode(`${text}: is null, and names no target`), "RECORD_TARGET");
  if (code.isNull !== "false") writer.line(`if (${code.isNull}) ${missing}`);
  else if (reprOf(expr.type) === "any") writer.line(`if (${code.value} === null) ${missing}`);
  const target = writer.fresh("target");
  writer.line(`const ${target} = task.targetNamed(${plainKeyText(expr, code.value, scope)}, ${time});`);
  writer.line(`if (${target}.problem !== null) ${scope.fail(`${target}.problem`, "RECORD_TARGET")}`);
  return `${target}.name`;
}
