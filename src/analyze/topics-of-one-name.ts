import type { Span } from "../../grammar/ast.ts";
import { type BoundStatement, inputsOf } from "../model/statement.ts";
import type { Reporter } from "./reporter.ts";

/** What is noted of the logs of a pipeline, and how far it has come in them, goes by the names of topics. */
export function refuseTopicsOfOneName(
  bound: readonly { readonly statement: BoundStatement | null; readonly read: Span }[],
  report: Reporter,
): void {
  const connections = new Map<string, string>();
  for (const { statement, read } of bound) {
    if (statement === null) continue;
    for (const { connection, topic } of inputsOf(statement)) {
      const other = connections.get(topic) ?? connection;
      connections.set(topic, other);
      if (connection === other) continue;
      const both = `${other}.${topic} and ${connection}.${topic}`;
      const message = `topics of one name on two connections, ${both}, are not supported in one pipeline yet`;
      report.error("NOT_SUPPORTED_YET", read, message, "read them in two pipelines, or write one to a topic of another name first");
    }
  }
}
