import type { ColumnBatch } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { FieldRef } from "../../model/statement.ts";
import type { Value } from "../../model/value.ts";
import { CodeWriter } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { FunctionCache, functionText, type GeneratedFunction } from "./generated-function.ts";
import { helpers } from "./helpers.ts";
import { TellingScope } from "./join-code.ts";
import { declareColumns } from "./output-code.ts";

/** What a function that reads values works with. */
export interface ValuesTask {
  /** By expression, then by row of the batch. */
  readonly values: readonly Value[][];
  failed(row: number, message: string): void;
}

/** Fills in the values of rows [from, to); of a row that cannot be computed it tells why. */
export type ReadValues = (batch: ColumnBatch, from: number, to: number, task: ValuesTask) => void;

/** `ReadValues`. */
function valuesCode(exprs: readonly BoundExpr[], fields: readonly FieldRef[], columns: readonly number[]): GeneratedFunction {
  const body = new CodeWriter();
  const scope = new TellingScope(body, fields, columns, "");
  body.block("rows: for (let row = from; row < to; row++)", () => {
    const values = exprs.map((expr) => {
      const { value, isNull } = expressionCode(expr, scope);
      const name = body.fresh("value");
      body.line(`const ${name} = ${isNull === "false" ? value : `${isNull} ? null : ${value}`};`);
      return name;
    });
    for (const [index, value] of values.entries()) body.line(`values[${index}][row] = ${value};`);
  });
  const head = new CodeWriter();
  head.line("const { values } = task;");
  head.line("const { slices } = batch, { offsets, timestampsMs: timestamps } = slices;");
  declareColumns(head, scope.usedColumns);
  for (const constant of scope.constants) head.line(constant);
  return { parameters: "batch, from, to, task", body: `${head}\n${body}`, statics: scope.statics };
}

export function compileValues(
  exprs: readonly BoundExpr[],
  fields: readonly FieldRef[],
  columns: readonly number[],
  cache = new FunctionCache(),
): { readonly read: ReadValues; readonly source: string } {
  const code = valuesCode(exprs, fields, columns);
  return { read: cache.instantiate(code, helpers), source: functionText("values", code) };
}
