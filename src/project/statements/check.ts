import type { Statement } from "../../../grammar/statement-ast.ts";
import { bindValues } from "../../analyze/bind-values.ts";
import type { StatementContext } from "./context.ts";
import { drop } from "./declare.ts";
import { execute } from "./execute.ts";
import { explain } from "./explain.ts";
import { valuesColumns } from "./insert-values.ts";
import { message, type StatementResult } from "./result.ts";
import { resolveTopicName } from "./topics.ts";

/**
 * Finds in a statement what can be found without the outside: what it says is known to those behind it, nothing is read
 * or written. `context.host` is one that rehearses. null: it has errors.
 */
export async function check(statement: Statement, context: StatementContext): Promise<StatementResult | null> {
  switch (statement.kind) {
    case "set":
    case "unset":
    case "define":
    case "undefine":
    case "with":
    case "create":
      return execute(statement, context);
    case "insert":
    case "pipeline":
      return context.host === undefined ? FINE : execute(statement, context);
    case "describe":
      return statement.what === "PIPELINE" && context.host !== undefined ? execute(statement, context) : FINE;
    case "drop":
      return drop({ ...statement, deleteTopic: false }, context);
    case "insert-values": {
      const relation = resolveTopicName(statement.target, context);
      const rows = relation === null ? null : bindValues(statement, valuesColumns(relation.stream), context.report);
      return rows === null ? null : FINE;
    }
    case "explain":
      return statement.analyze ? FINE : explain(statement, context);
    default:
      return FINE;
  }
}

const FINE = message("");
