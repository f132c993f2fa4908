import type { Path } from "../../../grammar/ast.ts";
import { nearest } from "../../../grammar/nearest.ts";
import type { CreateStatement, InsertStatement, PipelineStatement } from "../../../grammar/statement-ast.ts";
import { analyzePipeline } from "../../analyze/analyze-pipeline.ts";
import { didYouMean, hasErrors } from "../../analyze/reporter.ts";
import { dotted } from "../../analyze/resolve-name.ts";
import { must } from "../../assert.ts";
import { analyzeText } from "../project.ts";
import type { StatementContext } from "./context.ts";
import type { HostedPipeline, PipelineHost } from "./pipeline-host.ts";
import { pipelineText } from "./preamble.ts";
import { type Cell, type MessageResult, message, type TableResult, table } from "./result.ts";

/** INSERT … SELECT and CREATE … AS SELECT where pipelines are run. The statement is checked; null: reported. */
export async function makePipeline(
  statement: InsertStatement | CreateStatement,
  context: StatementContext,
  host: PipelineHost,
): Promise<MessageResult | null> {
  const made = newPipeline(statement, context);
  if (made === null) return null;
  const { name, isNew } = await host.make(made.suggested, made.text);
  const text = isNew ? `the pipeline ${name} was made` : `the pipeline ${name} is that already, and stays as it is`;
  return { ...message(text), pipeline: name };
}

/** What the statement would be as a pipeline; null: it cannot, and that is reported. */
function newPipeline(
  statement: InsertStatement | CreateStatement,
  { project, text, written, state, catalog, report }: StatementContext,
): { readonly suggested: string; readonly text: string } | null {
  const parsed = { text, statements: [...state.stages, statement], diagnostics: [], incomplete: false };
  const { pipeline, diagnostics } = analyzePipeline(parsed, { name: "query", catalog, settings: state.settings });
  for (const diagnostic of diagnostics) report.pass(diagnostic);
  if (pipeline === null) return null;
  const { reportedAs, target } = must(pipeline.statements[0], "the statement");
  const own = pipelineText(state.preamble, written);
  const alone = analyzeText(project, "query", own).diagnostics.find(({ severity }) => severity === "error");
  if (alone !== undefined)
    return report.error("STATEMENT_NOT_ALLOWED", statement.span, `as a pipeline of its own: ${alone.message}`, alone.hint);
  const isNamed = statement.kind === "insert" && statement.name !== null;
  return { suggested: isNamed ? reportedAs : (target?.name ?? reportedAs), text: own };
}

export function showHosted(host: PipelineHost, { project }: StatementContext, extended: boolean): TableResult {
  const rows = host.list().map(({ name, text, state, statements }): Cell[] => {
    const { pipeline, diagnostics } = analyzeText(project, name, text);
    const bound = pipeline?.statements ?? [];
    const reads = new Set(bound.map(({ source }) => `${source.connection}.${source.topic}`));
    const writes = new Set(bound.flatMap(({ target }) => (target === null ? [] : [`${target.connection}.${target.name}`])));
    const sum = (count: "in" | "written"): number => statements.reduce((total, { counters }) => total + counters[count], 0);
    const plain = [name, bound.length, [...reads].join(", "), [...writes].join(", "), hasErrors(diagnostics) ? "has errors" : state];
    return extended ? [...plain, sum("in"), sum("written")] : plain;
  });
  return table(["pipeline", "statements", "reads", "writes", "state", ...(extended ? ["in", "written"] : [])], rows);
}

/** The pipeline that writes a topic, index or table; null: none. */
export function writerOf(host: PipelineHost, { project }: StatementContext, connection: string, relation: string): HostedPipeline | null {
  const writes = ({ name, text }: HostedPipeline): boolean =>
    analyzeText(project, name, text).pipeline?.statements.some(
      ({ target }) => target?.connection === connection && target.name === relation,
    ) ?? false;
  return host.list().find(writes) ?? null;
}

/** Its statements, and where each has come to in each partition. null: reported. */
export function describeHosted(host: PipelineHost, path: Path, context: StatementContext): TableResult | null {
  const found = hostedNamed(host, path, context);
  if (found === null) return null;
  const { pipeline } = analyzeText(context.project, found.name, found.text);
  const rows = (pipeline?.statements ?? []).flatMap(({ name, reportedAs, source, target }): Cell[][] => {
    const plain = [name, `${source.connection}.${source.topic}`, target === null ? null : `${target.connection}.${target.name}`];
    const progress = found.statements.find((one) => one.name === reportedAs);
    const own = (progress?.partitions ?? []).filter(({ topic }) => topic === source.topic);
    if (own.length === 0) return [[...plain, found.state, null, null, null, null, null]];
    return own.map(({ state, partition, position, lag, counters }) => {
      return [...plain, state, partition, position, lag, counters.in, counters.written];
    });
  });
  return table(["statement", "reads", "writes", "state", "partition", "position", "lag", "in", "written"], rows);
}

const DONE = { PAUSE: "pauses", RESUME: "runs again", RESTART: "is started again", DROP: "is dropped; what it wrote stays" } as const;

export async function commandHosted(
  host: PipelineHost,
  { command, name }: PipelineStatement,
  context: StatementContext,
): Promise<MessageResult | null> {
  const found = name === null ? host.list() : [hostedNamed(host, name, context)];
  const names = found.flatMap((one) => one?.name ?? []);
  if (names.length < found.length) return null;
  await host.command(command, names);
  return message(names.length === 0 ? "there is no pipeline" : names.map((one) => `${one} ${DONE[command]}`).join("; "));
}

/** null: reported. */
function hostedNamed(host: PipelineHost, path: Path, { report }: StatementContext): HostedPipeline | null {
  const name = dotted(path);
  const all = host.list();
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  const meant = nearest(
    name,
    all.map((one) => one.name),
  );
  return report.error("UNKNOWN_PIPELINE", path.span, `there is no pipeline '${name}'`, didYouMean(meant) ?? "SHOW PIPELINES lists them");
}
