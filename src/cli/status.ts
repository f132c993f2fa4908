import type { Command } from "commander";
import { offsetAt, renderDiagnostic } from "../../grammar/diagnostics.ts";
import { pipelinePath } from "../client/pipelines.ts";
import type { ErrorReport } from "../runtime/protocol.ts";
import type { Task } from "../server/routes/pipeline-insight.ts";
import type { Pipeline } from "../server/schemas.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { grouped, isColored, paint, print } from "./output.ts";
import { errorText } from "./print-error.ts";
import { statementLine } from "./report.ts";
import { clientOf, forEachName, newShowCommand, type ShowOptions } from "./server-command.ts";

export function statusCommand(setExitCode: SetExitCode): Command {
  const command = newShowCommand("status", "how pipelines stand: statements, targets, positions, lag, what went wrong")
    .argument("<pipeline...>")
    .addHelpText("after", examples("sluice status temperatures", "sluice status temperatures --output json"));
  return defineCommand<[string[]], ShowOptions>(command, setExitCode, async (options, names) => {
    const client = await clientOf(options);
    return forEachName(names, async (name) => {
      const { body: pipeline } = await client.request<Pipeline>("GET", pipelinePath(name));
      const { body: tasks } = await client.request<{ readonly items: readonly Task[] }>("GET", `${pipelinePath(name)}/tasks`);
      await print(
        options.output === "json" ? JSON.stringify({ ...pipeline, tasks: tasks.items }, null, 2) : statusText(pipeline, tasks.items),
      );
    });
  });
}

function statusText(pipeline: Pipeline, tasks: readonly Task[]): string {
  const { name, version, generation, changedAt, changedBy, desired, status } = pipeline;
  const { state, since, messagesPerSecond, waitingFor, troubles, restarts, servers } = status;
  const { stdout } = process;
  const wanted = desired === "paused" && state !== "paused" ? ", is to be paused" : "";
  return [
    `${paint(stdout, "bold", name)}: ${state}${wanted} since ${since}, ${grouped(messagesPerSecond)} messages/s`,
    `  version ${version}, generation ${generation}, changed ${changedAt} by ${changedBy}${labelsText(pipeline.labels)}`,
    ...servers.map((one) => `  on ${one.server}: ${one.state} since ${one.since}`),
    ...(waitingFor.length > 0 ? [`  waits for ${waitingFor.join(", ")}, which does not exist yet`] : []),
    ...(restarts > 0 ? [`  started again ${grouped(restarts)} times after failures`] : []),
    ...status.statements.flatMap((statement) => statementLines(statement, tasks)),
    ...Object.entries(troubles).map(([subject, message]) => `  trying again: ${subject}: ${message}`),
    ...diagnosticLines(pipeline),
    ...lastError("last failure", status.failures.at(-1)),
    ...lastError("skipped last", status.skipped.at(-1)),
    ...lastError("late last", status.late.at(-1)),
  ].join("\n");
}

function labelsText(labels: Pipeline["labels"]): string {
  const all = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return all.length === 0 ? "" : `; labels ${all.join(", ")}`;
}

function statementLines(statement: Pipeline["status"]["statements"][number], tasks: readonly Task[]): readonly string[] {
  const { name, target, state, lag, counters, watermarkDelaySeconds } = statement;
  const delay = watermarkDelaySeconds === null ? "" : `, event time ${grouped(watermarkDelaySeconds)} s behind the clock`;
  return [
    statementLine({ name, target, ...counters }),
    `    ${state}, lag ${grouped(lag)}${delay}`,
    ...tasks.filter((task) => task.statement === name).map(taskLine),
  ];
}

function taskLine({ topic, partition, state, position, durable, lag, server }: Task): string {
  const where = server === null ? "" : `, on ${server}`;
  if (position === null) return `    ${topic} ${partition}: ${state}, could not begin${where}`;
  const kept = durable === position ? "" : `, durable to ${grouped(durable ?? 0)}`;
  const marked = state === "running" ? "" : `, ${state}`;
  return `    ${topic} ${partition}: at ${grouped(position)}${kept}, lag ${grouped(lag ?? 0)}${marked}${where}`;
}

/** With a caret below the place. */
function diagnosticLines({ name, text, status: { diagnostics } }: Pipeline): readonly string[] {
  return diagnostics.map(({ line, column, endLine, endColumn, code, ...rest }) => {
    const span = { start: offsetAt(text, line, column), end: offsetAt(text, endLine, endColumn) };
    return renderDiagnostic(text, { ...rest, code, span } as Parameters<typeof renderDiagnostic>[1], {
      file: name,
      color: isColored(process.stdout),
    });
  });
}

function lastError(what: string, failure: Pipeline["status"]["failures"][number] | undefined): readonly string[] {
  if (failure === undefined) return [];
  const where = failure.server === undefined ? "" : ` on ${failure.server}`;
  return errorText(process.stdout, failure as ErrorReport, `${what}, ${failure.at}${where},`)
    .split("\n")
    .map((line) => `  ${line}`);
}
