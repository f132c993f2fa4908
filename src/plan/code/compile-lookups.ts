import { must } from "../../assert.ts";
import type { LookupPlan, StatementPlan } from "../pipeline-plan.ts";
import type { FunctionCache } from "./generated-function.ts";
import { compileKeys, compilePairTest, type PairTest, type ReadKeys } from "./join-code.ts";

/** What is looked up for the records of a statement, in the order in which their batches become wider. */
export interface CompiledLookup {
  readonly plan: LookupPlan;
  readonly keys: ReadKeys;
  /** How many parts the key has. */
  readonly keyParts: number;
  readonly residual: PairTest | null;
  /** The generated text. */
  readonly source: string;
}

export function compileLookups(reader: StatementPlan, lookups: readonly LookupPlan[], cache: FunctionCache): readonly CompiledLookup[] {
  let plan = reader;
  while (plan.stage !== null) plan = plan.stage;
  const { fields, inputs } = plan;
  const { columns } = must(inputs[0]);
  return lookups.map((lookup): CompiledLookup => {
    const key = lookup.keys.map(({ value }) => value);
    const keys = compileKeys({ key, fields, columns, makes: true }, cache);
    const residual = lookup.residual === null ? null : compilePairTest(lookup.residual, fields, columns, cache);
    const source = residual === null ? keys.source : `${keys.source}\n\n${residual.source}`;
    return { plan: lookup, keys: keys.read, keyParts: key.length, residual, source };
  });
}
