import { nearest } from "../../../grammar/nearest.ts";
import type { CreateStatement, DropStatement } from "../../../grammar/statement-ast.ts";
import { reportUnbuilt, unbuiltParts } from "../../analyze/not-yet.ts";
import { didYouMean } from "../../analyze/reporter.ts";
import { dotted, findStream } from "../../analyze/resolve-name.ts";
import { addStream, openSession } from "../../analyze/session.ts";
import type { StatementContext } from "./context.ts";
import { makePipeline } from "./hosted-pipelines.ts";
import { type MessageResult, message } from "./result.ts";

/** Declared until the session is closed. A topic is made when something is written to it. */
export function create(statement: CreateStatement, context: StatementContext): MessageResult | null | Promise<MessageResult | null> {
  const { catalog, state, report, change, host } = context;
  if (statement.select !== null && host !== undefined) return makePipeline(statement, context, host);
  if (statement.select !== null) {
    const why = "CREATE … AS SELECT runs until it is stopped, as part of a pipeline";
    return report.error("STATEMENT_NOT_ALLOWED", statement.span, why, "sluice run takes files of them");
  }
  const unbuilt = unbuiltParts(statement);
  reportUnbuilt(unbuilt, report);
  if (unbuilt.length > 0) return null;
  const streams = new Map(state.streams);
  const session = openSession(state.settings, catalog, report);
  const before = report.diagnostics.length;
  const added = addStream(streams, statement, session, catalog, report);
  if (added !== null) {
    change({ streams });
    return message(`${added.name} is a ${added.kind} on the topic ${added.topic} of ${added.connection}`);
  }
  return report.diagnostics.length > before ? null : message(`${dotted(statement.name)} is declared already, and stays as it is`);
}

export async function drop(statement: DropStatement, context: StatementContext): Promise<MessageResult | null> {
  const { state, report, resources, change, project } = context;
  const name = dotted(statement.name);
  const known = findStream(state.streams, name);
  if (known === null) {
    if (statement.ifExists) return message(`${name} is not declared`);
    const names = [...state.streams.values()].map((stream) => stream.name);
    const hint = didYouMean(nearest(name, names)) ?? "DROP STREAM IF EXISTS takes it lightly";
    return report.error("UNKNOWN_RELATION", statement.name.span, `there is no stream or table '${name}'`, hint);
  }
  if (known.kind !== statement.relation.toLowerCase()) {
    return report.error(
      "UNKNOWN_RELATION",
      statement.name.span,
      `'${known.name}' is a ${known.kind}`,
      `DROP ${known.kind.toUpperCase()} ${known.name}`,
    );
  }
  const told = [`${known.name} is not declared any more`];
  if (statement.deleteTopic) {
    const source = await resources.source(known.connection);
    const exists = (await source.describeTopic(known.topic)) !== null;
    if (exists) await source.deleteTopic(known.topic);
    told.push(exists ? `the topic ${known.topic} of ${known.connection} is deleted` : `there was no topic ${known.topic}`);
  }
  const streams = new Map(state.streams);
  streams.delete(known.name);
  change({ streams });
  if (project.catalog.streams.get(known.name) === known) told.push("queries/catalog.sql still declares it for others");
  return message(told.join("; "));
}
