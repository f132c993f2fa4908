import type { InsertStatement } from "../../../grammar/statement-ast.ts";
import { analyzePipeline } from "../../analyze/analyze-pipeline.ts";
import { SluiceError } from "../../errors.ts";
import { errorOf } from "../../runtime/as-error.ts";
import { inThisThread } from "../../runtime/pipeline-thread.ts";
import type { DoneMessage, ErrorReport, LastMessage } from "../../runtime/protocol.ts";
import { PipelineGroup } from "../pipeline-group.ts";
import type { StatementContext } from "./context.ts";
import { makePipeline } from "./hosted-pipelines.ts";
import type { MessageResult, RunResult } from "./result.ts";

/** What a pipeline of one typed statement is called. */
export const SESSION_PIPELINE = "session";

/** Runs for as long as somebody waits for it. Nothing is kept of it: run again, it reads its topic from the start again. */
export async function insertSelect(written: InsertStatement, context: StatementContext): Promise<RunResult | MessageResult | null> {
  if (context.host !== undefined) return makePipeline(written, context, context.host);
  const { project, env, text, state, catalog, report, runsInserts = false, untilEnd, from, onEvent } = context;
  if (!runsInserts) {
    const why = "INSERT … SELECT runs until it is stopped, as part of a pipeline";
    return report.error("STATEMENT_NOT_ALLOWED", written.target.span, why, INSTEAD);
  }
  const parsed = { text, statements: [...state.stages, written], diagnostics: [], incomplete: false };
  const { pipeline, diagnostics } = analyzePipeline(parsed, { name: SESSION_PIPELINE, catalog, settings: state.settings });
  for (const diagnostic of diagnostics) report.pass(diagnostic);
  if (pipeline === null) return null;
  let failure: ErrorReport | null = null;
  const group = await PipelineGroup.start({
    project,
    pipelines: [{ ...pipeline, parallelism: 1 }],
    env,
    startThread: inThisThread(env),
    until: untilEnd ? "ends" : "follow",
    close: untilEnd,
    start: from,
    keepState: false,
    onMessage: (message) => {
      if (message.kind === "statement-failed" || message.kind === "failed") failure ??= message.error;
      else onEvent(message);
    },
  });
  const ended = group.ended.then(([last]) => {
    if (failure !== null) throw errorOf(failure);
    return finished(last);
  });
  return { kind: "run", ended, stop: (withinMs) => group.stop(withinMs) };
}

const INSTEAD = "sluice run takes files of them; INSERT INTO … VALUES writes rows at once";

function finished(last: LastMessage | undefined): DoneMessage {
  if (last?.kind !== "done") throw new SluiceError("STOPPED", "the statement was stopped");
  return last;
}
