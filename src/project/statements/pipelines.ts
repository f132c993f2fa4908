import { join } from "node:path";
import { nearest } from "../../../grammar/nearest.ts";
import type { DescribeStatement, PipelineStatement } from "../../../grammar/statement-ast.ts";
import { didYouMean, hasErrors } from "../../analyze/reporter.ts";
import { dotted } from "../../analyze/resolve-name.ts";
import { SluiceError } from "../../errors.ts";
import type { BoundPipeline } from "../../model/statement.ts";
import { inputsOf } from "../../model/statement.ts";
import type { BlobHeader } from "../../state/journal/blob.ts";
import { restore } from "../../state/journal/restore.ts";
import { findSqlFiles, isCatalogFile, pipelineName, projectPipelineNames, QUERIES } from "../pipeline-files.ts";
import { type AnalyzedPipelineFile, analyzeFile, type Project } from "../project.ts";
import type { StatementContext } from "./context.ts";
import { commandHosted, describeHosted, showHosted } from "./hosted-pipelines.ts";
import { type Cell, message, type StatementResult, type TableResult, table } from "./result.ts";

/** Where a statement has come to in a partition. */
interface Position {
  readonly statement: string;
  readonly partition: number;
  readonly header: BlobHeader;
}

/** The pipelines of the project, with what is kept of them. Which of them run is known to a server alone. */
export async function showPipelines(context: StatementContext, extended: boolean): Promise<TableResult> {
  if (context.host !== undefined) return showHosted(context.host, context, extended);
  const files = await pipelineFiles(context.project);
  const rows = await Promise.all(
    files.map(async ({ name, pipeline, diagnostics }): Promise<Cell[]> => {
      if (pipeline === null)
        return [name, null, null, null, hasErrors(diagnostics) ? "has errors" : "empty", ...(extended ? [null, null] : [])];
      const positions = await positionsOf(pipeline, context);
      const { statements } = pipeline;
      const reads = [...new Set(statements.map(({ source }) => `${source.connection}.${source.topic}`))];
      const writes = [...new Set(statements.flatMap(({ target }) => (target === null ? [] : [`${target.connection}.${target.name}`])))];
      const state = positions === null ? "has not run" : "positions are kept";
      const sum = (count: string): number | null =>
        positions === null ? null : positions.reduce((total, { header }) => total + (header.counters[count] ?? 0), 0);
      return [name, statements.length, reads.join(", "), writes.join(", "), state, ...(extended ? [sum("in"), sum("written")] : [])];
    }),
  );
  return table(["pipeline", "statements", "reads", "writes", "state", ...(extended ? ["in", "written"] : [])], rows);
}

/** Its statements, and where each has come to in each partition. */
export async function describePipeline({ name }: DescribeStatement, context: StatementContext): Promise<StatementResult | null> {
  if (context.host !== undefined) return describeHosted(context.host, name, context);
  const found = await pipelineNamed(dotted(name), context.project);
  if (found.pipeline === null)
    throw new SluiceError("STATEMENT_INVALID", `${found.file} has errors`, { hint: `sluice check ${found.file}` });
  const positions = (await positionsOf(found.pipeline, context)) ?? [];
  const rows = await Promise.all(
    found.pipeline.statements.map(async (statement): Promise<readonly Cell[][]> => {
      const target = statement.target === null ? null : `${statement.target.connection}.${statement.target.name}`;
      const own = positions.filter((position) => position.statement === statement.name);
      const read = inputsOf(statement).map(async ({ connection, topic }, input): Promise<readonly Cell[][]> => {
        const plain = [statement.name, `${connection}.${topic}`, target];
        if (own.length === 0) return [[...plain, null, null, null, null, null]];
        const source = await context.resources.source(connection);
        return Promise.all(
          own.map(async ({ partition, header }): Promise<Cell[]> => {
            const { endOffset } = await source.bounds(topic, partition);
            const { cursor } = header.inputs?.[input] ?? header;
            const { in: taken = null, written = null } = header.counters;
            return [...plain, partition, cursor, Math.max(0, endOffset - cursor), taken, written];
          }),
        );
      });
      return (await Promise.all(read)).flat();
    }),
  );
  return table(["statement", "reads", "writes", "partition", "position", "lag", "in", "written"], rows.flat());
}

/** What is kept of a pipeline can be dropped without a server; what runs only a server knows. */
export async function commandPipeline(statement: PipelineStatement, context: StatementContext): Promise<StatementResult | null> {
  if (context.host !== undefined) return commandHosted(context.host, statement, context);
  const { command, name, span } = statement;
  if (command !== "DROP") {
    const message = `${command} is for pipelines that a server runs, and there is none here`;
    return context.report.error("STATEMENT_NOT_ALLOWED", span, message, "sluice run runs pipelines in the foreground; Ctrl-C stops them");
  }
  const files = name === null ? await pipelineFiles(context.project) : [await pipelineNamed(dotted(name), context.project)];
  const dropped: string[] = [];
  for (const { name: pipeline, pipeline: bound } of files) {
    const connection = bound?.statements[0]?.source.connection;
    if (connection === undefined) continue;
    const { keptState } = await context.resources.connection(connection);
    if (await keptState?.drop(pipeline)) dropped.push(pipeline);
  }
  if (dropped.length === 0) return message("nothing was kept");
  return message(`${dropped.join(", ")}: positions and state are gone, the next run begins anew; files and results stay`);
}

async function pipelineFiles(project: Project): Promise<readonly AnalyzedPipelineFile[]> {
  if ((await projectPipelineNames(project.root)).length === 0) return [];
  const files = await findSqlFiles([join(project.root, QUERIES)]);
  return Promise.all(files.filter((file) => !isCatalogFile(project.root, file)).map((file) => analyzeFile(project, file)));
}

async function pipelineNamed(name: string, project: Project): Promise<AnalyzedPipelineFile> {
  const names = await projectPipelineNames(project.root);
  if (!names.includes(name)) {
    const hint = didYouMean(nearest(name, names)) ?? "SHOW PIPELINES lists those of queries/";
    throw new SluiceError("USAGE", `there is no pipeline ${name}`, { hint });
  }
  const files = await findSqlFiles([join(project.root, QUERIES)]);
  const file = files.find((candidate) => !isCatalogFile(project.root, candidate) && pipelineName(project.root, candidate) === name);
  return analyzeFile(project, file as string);
}

/** null: it has never run. */
async function positionsOf({ name, statements }: BoundPipeline, { resources }: StatementContext): Promise<readonly Position[] | null> {
  const [first] = statements;
  if (first === undefined) return null;
  const { keptState } = await resources.connection(first.source.connection);
  const partitions = (await keptState?.read(name)) ?? null;
  if (partitions === null) return null;
  return partitions.flatMap((records, partition) =>
    restore(records, partition).statements.flatMap(({ name: statement, chain }) => {
      const header = chain.at(-1)?.header ?? null;
      return header === null ? [] : [{ statement, partition, header }];
    }),
  );
}
