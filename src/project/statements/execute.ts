import type { Statement } from "../../../grammar/statement-ast.ts";
import { assertRelation, assertTopic, assertValues } from "./assert.ts";
import type { StatementContext } from "./context.ts";
import { create, drop } from "./declare.ts";
import { describe } from "./describe.ts";
import { explain } from "./explain.ts";
import { insertSelect } from "./insert-select.ts";
import { insertValues } from "./insert-values.ts";
import { commandPipeline } from "./pipelines.ts";
import { print } from "./print.ts";
import type { StatementResult } from "./result.ts";
import { message } from "./result.ts";
import { select } from "./select.ts";
import { define, set, undefine, unset } from "./settings.ts";
import { show } from "./show.ts";

/** null: what is wrong with it was reported. */
type Result = StatementResult | null;

/** How each kind of statement is executed. */
const EXECUTORS: {
  readonly [Kind in Statement["kind"]]: (
    statement: Extract<Statement, { kind: Kind }>,
    context: StatementContext,
  ) => Result | Promise<Result>;
} = {
  select,
  explain,
  show,
  describe,
  print,
  create,
  drop,
  set,
  unset,
  define,
  undefine,
  pipeline: commandPipeline,
  "insert-values": insertValues,
  "assert-values": assertValues,
  "assert-relation": assertRelation,
  "assert-topic": assertTopic,
  with: (statement, { state, change }) => {
    change({ stages: [...state.stages, statement] });
    return message(`${statement.stages.map(({ name }) => name.name).join(", ")}: known to the statements behind`);
  },
  insert: insertSelect,
};

/** Executes one statement, of which the variables are replaced. Rejects with what the outside does. */
export async function execute(statement: Statement, context: StatementContext): Promise<Result> {
  const executor = EXECUTORS[statement.kind] as (statement: Statement, context: StatementContext) => Result | Promise<Result>;
  return executor(statement, context);
}
