import { ERRORS } from "../errors.ts";
import type { ErrorReport, LastMessage } from "../runtime/protocol.ts";
import { grouped } from "./output.ts";

/** What `--report json` writes: people script against these names. */
export interface Report {
  readonly pipelines: readonly PipelineReport[];
}

export interface PipelineReport {
  readonly name: string;
  /** Records fetched in this run, each once however many statements read it. */
  readonly messages: number;
  readonly seconds: number;
  readonly messagesPerSecond: number;
  readonly statements: readonly StatementReport[];
}

/**
 * Counters since the beginning of the statement's state, so that they add up across restarts:
 * in = applied + filtered + late + deadLettered, sent = written + superseded + rejected.
 */
export interface StatementReport {
  readonly name: string;
  readonly target: string;
  readonly in: number;
  readonly applied: number;
  readonly filtered: number;
  readonly late: number;
  readonly deadLettered: number;
  readonly sent: number;
  readonly written: number;
  readonly superseded: number;
  readonly rejected: number;
}

/** Of the pipelines' last messages. One that failed as a whole has counted nothing that is sure. */
export function reportOf(ended: readonly LastMessage[]): Report {
  return { pipelines: ended.map(pipelineReport) };
}

function pipelineReport(last: LastMessage): PipelineReport {
  if (last.kind === "failed") return { name: last.pipeline, messages: 0, seconds: 0, messagesPerSecond: 0, statements: [] };
  const { messages, seconds, statements } = last;
  return {
    name: last.pipeline,
    messages,
    seconds: Math.round(seconds * 1_000) / 1_000,
    messagesPerSecond: seconds > 0 ? Math.round(messages / seconds) : 0,
    statements: statements.map(({ name, target, counters }) => {
      const { in: taken, applied, filtered, late, deadLettered, sent, written, superseded, rejected } = counters;
      return { name, target, in: taken, applied, filtered, late, deadLettered, sent, written, superseded, rejected };
    }),
  };
}

/** That of the first thing that went wrong; 0: nothing did. */
export function exitCodeOf(ended: readonly LastMessage[], failures: readonly ErrorReport[]): number {
  const [first] = failures;
  if (first !== undefined) return ERRORS[first.code].exitCode;
  return ended.some(({ kind }) => kind === "failed") ? 1 : 0;
}

/** The report for people, line by line. */
export function summary({ pipelines }: Report): readonly string[] {
  return pipelines.flatMap((pipeline) => [pipelineLine(pipeline), ...pipeline.statements.map(statementLine)]);
}

function pipelineLine({ name, messages, seconds, messagesPerSecond }: PipelineReport): string {
  return `${name}: ${grouped(messages)} messages in ${seconds.toFixed(1)} s, ${grouped(messagesPerSecond)} messages/s`;
}

export function statementLine(statement: StatementReport): string {
  const parts = (["applied", "filtered", "late"] as const).map((key) => `${key} ${grouped(statement[key])}`);
  const sum = [...parts, `dead-lettered ${grouped(statement.deadLettered)}`].join(" + ");
  return `  ${statement.name} → ${statement.target}: in ${grouped(statement.in)} = ${sum}; written ${grouped(statement.written)}`;
}
