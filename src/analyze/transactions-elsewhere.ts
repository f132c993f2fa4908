import type { Span } from "../../grammar/ast.ts";
import type { BoundStatement } from "../model/statement.ts";
import type { Reporter } from "./reporter.ts";

/** Rows and the state that they rest on are in one transaction only where both are topics of one connection. */
export function refuseTransactionsElsewhere(
  bound: readonly { readonly statement: BoundStatement | null; readonly written: { readonly span: Span } }[],
  report: Reporter,
): void {
  const keeper = bound.find(({ statement }) => statement !== null)?.statement?.source.connection;
  for (const { statement, written } of bound) {
    if (statement?.settings.delivery !== "transactional" || statement.target?.kind !== "topic") continue;
    const { connection } = statement.target;
    if (connection === keeper) continue;
    const message = `${connection}.${statement.target.name} cannot be written in transactions: the pipeline's state is kept on '${keeper}'`;
    report.error("INVALID_VALUE", written.span, message, `write to a topic of '${keeper}', or SET 'delivery' = 'idempotent'`);
  }
}
