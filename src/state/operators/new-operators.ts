import { SluiceError } from "../../errors.ts";
import type { BoundStatement } from "../../model/statement.ts";
import type { CompiledJoins } from "../../plan/code/compile-joins.ts";
import type { Operator } from "./operator.ts";

/** One for each JOIN of a statement, in their order. */
export function newOperators({ name }: BoundStatement, _joins: CompiledJoins): readonly Operator[] {
  throw new SluiceError("INTERNAL", `${name}: joins do not run`);
}
