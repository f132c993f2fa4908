import type { BoundRecordTime } from "../../model/statement.ts";
import { TIMESTAMP_MS_MAX } from "../../model/timestamp-text.ts";
import type { CodeScope } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";

/** The timestamp of the record that is written, in ms: an expression. A row that has none, or one before 1970, is left here. */
export function recordTimeCode({ expr, unitMs, text }: BoundRecordTime, scope: CodeScope): string {
  const { writer } = scope;
  const code = expressionCode(expr, scope, "number");
  if (code.isNull !== "false") writer.line(`if (${code.isNull}) ${scope.fail(literalCode(`${text}: is null, and no time of a record`))}`);
  const time = writer.fresh("time");
  writer.line(`const ${time} = ${unitMs === 1 ? code.value : `Math.floor(${code.value} * ${unitMs})`};`);
  const misfit = literalCode(`${text}: expected a time from 1970 on, found `);
  writer.line(`if (!(${time} >= 0 && ${time} <= ${TIMESTAMP_MS_MAX})) ${scope.fail(`${misfit} + ${code.value}`)}`);
  return time;
}
