import { must } from "../../../src/assert.ts";
import type { FieldPath } from "../../../src/model/column-batch.ts";
import { compileStatement } from "../../../src/plan/code/compile-statement.ts";
import { newOperators } from "../../../src/state/operators/new-operators.ts";
import type { Operator } from "../../../src/state/operators/operator.ts";
import { planOf } from "../../plan/run-statement.ts";

/** The joins of a statement, without a runtime around them. */
export interface PlannedJoins {
  readonly operators: readonly Operator[];
  /** By input: what is read of its records. */
  readonly fields: readonly (readonly FieldPath[])[];
  /** Columns of the joined rows by the texts of the fields that they are, for example `b.temperature`. */
  readonly columns: ReadonlyMap<string, number>;
}

export function plannedJoins(sql: string): PlannedJoins {
  const { statements, sources } = planOf(sql);
  const plan = must(statements[0]);
  return {
    operators: newOperators(must(compileStatement(plan).joins), 0, () => {
      throw new Error("stages need a runtime");
    }),
    fields: plan.inputs.map(({ source }) => must(sources[source]).fields),
    columns: new Map(plan.fields.map(({ text }, index) => [text, must(plan.columns[index])])),
  };
}
