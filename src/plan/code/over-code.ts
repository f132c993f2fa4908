import type { ColumnBatch } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { FieldRef } from "../../model/statement.ts";
import type { Value } from "../../model/value.ts";
import { type Code, coerce, nullable } from "./code.ts";
import { CodeWriter } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { FunctionCache, functionText, type GeneratedFunction } from "./generated-function.ts";
import { helpers } from "./helpers.ts";
import { TellingScope } from "./join-code.ts";
import { declareColumns } from "./output-code.ts";
import { type Repr, reprOf } from "./repr.ts";
import { conjuncts } from "./where-code.ts";

/** What a function that reads values works with. */
export interface ValuesTask {
  /** By expression, then by row of the batch. */
  readonly values: readonly Value[][];
  /** By row of the batch; asked for where there is a filter. */
  readonly isOut?: Uint8Array;
  /** By call with OVER, then by row: asked for where one is in an expression. */
  readonly results?: readonly Value[][];
  failed(row: number, message: string): void;
}

/** Fills in the values of rows [from, to); of a row that cannot be computed it tells why. */
export type ReadValues = (batch: ColumnBatch, from: number, to: number, task: ValuesTask) => void;

export interface ValuesInput {
  /** `want`: in which representation, where that is not its type's. */
  readonly exprs: readonly { readonly expr: BoundExpr; readonly want?: Repr | undefined }[];
  readonly fields: readonly FieldRef[];
  /** Of each field in the batches that are read. */
  readonly columns: readonly number[];
  /** Rows where it is not true are marked as `out`, and nothing of them is computed; left out: all are taken. */
  readonly where?: BoundExpr | null;
  /** Where the first one stands among the values of the task. */
  readonly first?: number;
}

/** Results of calls with OVER are values of the row, too. */
class LookingScope extends TellingScope {
  override leaf(expr: BoundExpr, want: Repr): Code {
    if (expr.kind !== "over") return super.leaf(expr, want);
    return coerce(nullable(this, reprOf(expr.type), `results[${expr.index}][row]`), expr, want, this);
  }
}

/** `ReadValues`. */
function valuesCode({ exprs, fields, columns, where = null, first = 0 }: ValuesInput): GeneratedFunction {
  const body = new CodeWriter();
  const scope = new LookingScope(body, fields, columns, "");
  body.block("rows: for (let row = from; row < to; row++)", () => {
    // As of any other row: behind what is not true nothing is computed, and so nothing fails.
    for (const conjunct of where === null ? [] : conjuncts(where)) {
      const { value, isNull } = expressionCode(conjunct, scope, "boolean");
      body.line(`if (!(${isNull === "false" ? value : `!${isNull} && ${value}`})) { task.isOut[row] = 1; continue; }`);
    }
    const values = exprs.map(({ expr, want }) => {
      const { value, isNull } = expressionCode(expr, scope, want);
      const name = body.fresh("value");
      body.line(`const ${name} = ${isNull === "false" ? value : `${isNull} ? null : ${value}`};`);
      return name;
    });
    for (const [index, value] of values.entries()) body.line(`values[${first + index}][row] = ${value};`);
  });
  const head = new CodeWriter();
  head.line("const { values, results } = task;");
  head.line("const { slices } = batch, { offsets, timestampsMs: timestamps } = slices;");
  declareColumns(head, scope.usedColumns);
  for (const constant of scope.constants) head.line(constant);
  return { parameters: "batch, from, to, task", body: `${head}\n${body}`, statics: scope.statics };
}

export function compileValues(input: ValuesInput, cache = new FunctionCache()): { readonly read: ReadValues; readonly source: string } {
  const code = valuesCode(input);
  return { read: cache.instantiate(code, helpers), source: functionText("values", code) };
}
