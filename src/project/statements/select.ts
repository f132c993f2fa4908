import type { Diagnostic } from "../../../grammar/ast.ts";
import { nearest } from "../../../grammar/nearest.ts";
import type { SelectStatement } from "../../../grammar/statement-ast.ts";
import { type AnalyzedQuery, analyzeQuery } from "../../analyze/analyze-query.ts";
import { didYouMean } from "../../analyze/reporter.ts";
import { SluiceError } from "../../errors.ts";
import type { BoundStatement } from "../../model/statement.ts";
import { errorOf } from "../../runtime/as-error.ts";
import { inThisThread } from "../../runtime/pipeline-thread.ts";
import type { ErrorReport, FromPipeline } from "../../runtime/protocol.ts";
import type { PipelineHandle } from "../../runtime/start-pipeline.ts";
import { PipelineGroup } from "../pipeline-group.ts";
import type { StatementContext } from "./context.ts";
import { writerOf } from "./hosted-pipelines.ts";
import type { RowsResult } from "./result.ts";
import { RowQueue } from "./row-queue.ts";

/** How long what is under way may take when nobody wants the rows any more. */
const LEAVE_MS = 1_000;

/** On an index or table it ends; a topic is followed unless it is read until its end, or LIMIT says how many rows. */
export async function select(written: SelectStatement, context: StatementContext): Promise<RowsResult | null> {
  const { statement } = analyzeInSession(written, context);
  if (statement === null) return null;
  const { project, env, untilEnd, from, onEvent } = context;
  const isBounded = untilEnd || !(await isTopic(statement, context));
  const queue = new RowQueue();
  let failure: ErrorReport | null = null;
  const take = (message: FromPipeline, handle: PipelineHandle): void => {
    if (message.kind === "rows") void queue.give(message.documents).then(() => handle.rowsTaken(message.batch));
    else onEvent(message);
    if (message.kind === "statement-failed" || message.kind === "failed") failure ??= message.error;
  };
  const group = await PipelineGroup.start({
    project,
    pipelines: [{ name: "query", statements: [isBounded ? asBounded(statement) : statement], parallelism: 1, declaredTopics: [] }],
    env,
    startThread: inThisThread(env),
    until: isBounded ? "ends" : "follow",
    close: isBounded,
    start: from ?? (isBounded && typeof statement.settings.start === "string" ? "earliest" : null),
    keepState: false,
    onMessage: take,
  });
  void group.ended.then(async () => queue.end(failure === null ? null : await withMeant(errorOf(failure), statement, context)));
  return queue.result(
    isBounded,
    (withinMs) => group.stop(withinMs),
    async () => {
      group.stop(LEAVE_MS);
      await group.ended;
    },
  );
}

/**
 * The SELECT with the stages, streams and settings of the session; what is wrong with it is reported. That it cannot run
 * yet does not keep it from being explained.
 */
export function analyzeInSession(
  written: SelectStatement,
  { text, state, catalog, report }: StatementContext,
  wanted: "run" | "explain" = "run",
): AnalyzedQuery {
  const parsed = { text, statements: [...state.stages, written], diagnostics: [], incomplete: false };
  const analyzed = analyzeQuery(parsed, { catalog, settings: state.settings });
  const isExplained = wanted === "explain" && analyzed.query !== null;
  for (const diagnostic of analyzed.diagnostics) report.pass(isExplained ? explainable(diagnostic) : diagnostic);
  return analyzed;
}

/** What cannot run yet has a meaning all the same. */
export function explainable(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.code === "NOT_SUPPORTED_YET" ? { ...diagnostic, severity: "warning" } : diagnostic;
}

/** What is read and not there: who will make it, or which name may have been meant, else what the connection advises. */
async function withMeant(error: SluiceError, { source }: BoundStatement, context: StatementContext): Promise<SluiceError> {
  const { code, message, coordinates } = error;
  if (code !== "TOPIC_MISSING" && code !== "TARGET_MISSING") return error;
  const { connection, topic } = source;
  const writer = context.host === undefined ? null : writerOf(context.host, context, connection, topic);
  const hint =
    writer === null
      ? ((await meant(source, context)) ?? error.hint ?? "SHOW TOPICS and SHOW TABLES list what there is")
      : `the pipeline ${writer.name} writes it, and has not made it yet`;
  return new SluiceError(code, message, { hint, coordinates, cause: error });
}

async function meant({ connection, topic }: BoundStatement["source"], { resources }: StatementContext): Promise<string | null> {
  const listed = resources.connection(connection).then((opened) => opened.listRelations());
  const relations = await listed.catch(() => []);
  const close = nearest(
    topic,
    relations.map(({ name }) => name),
  );
  return didYouMean(close);
}

/** What ends shows each result once, when it is final. */
function asBounded(statement: BoundStatement): BoundStatement {
  return statement.window === null ? statement : { ...statement, emit: "final" };
}

async function isTopic({ source }: BoundStatement, { resources }: StatementContext): Promise<boolean> {
  const connection = await resources.connection(source.connection);
  return connection.source !== null && (await connection.source.describeTopic(source.topic)) !== null;
}
