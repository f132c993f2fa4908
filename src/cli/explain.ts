import { existsSync } from "node:fs";
import type { Command } from "commander";
import { parse } from "../../grammar/parse.ts";
import { analyzePipeline, type BoundRoute } from "../analyze/analyze-pipeline.ts";
import { analyzeQuery } from "../analyze/analyze-query.ts";
import { isAsSelect } from "../analyze/create-as-select.ts";
import { withVariables } from "../analyze/variables.ts";
import { SluiceError } from "../errors.ts";
import type { BoundPipeline } from "../model/statement.ts";
import { explainPipeline, explainText, treeLines } from "../plan/explain.ts";
import { explainQuery } from "../plan/explain-query.ts";
import { planPipeline } from "../plan/plan-pipeline.ts";
import { type AnalyzedPipelineFile, analyzeFile, isFaulty, type Project } from "../project/project.ts";
import { defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";
import { printDiagnostics } from "./print-diagnostics.ts";

interface ExplainOptions {
  readonly code?: boolean;
  readonly json?: boolean;
}

export function explainCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("explain", "shows the plan of a pipeline or of a statement without running it")
    .argument("<file|sql>", "a pipeline's file, or SQL")
    .option("--code", "with the generated code")
    .option("--json", "the plan as JSON")
    .addHelpText(
      "after",
      examples("sluice explain queries/temperatures/persist.sql", "sluice explain 'SELECT * FROM temperatures WHERE temperature > 30'"),
    );
  return defineCommand<[string], ExplainOptions>(command, setExitCode, async (options, subject) => {
    const project = await openProjectOf(options);
    const isFile = existsSync(subject) || /^\S+\.sql$/i.test(subject);
    const analyzed = isFile ? await analyzeFile(project, subject) : analyzeText(project, subject);
    await printDiagnostics(process.stderr, analyzed);
    if (analyzed.queries !== null && analyzed.pipeline === null) await printQueries(analyzed.queries, options.json ?? false);
    if (isFaulty(analyzed) || analyzed.pipeline === null) return 1;
    if (analyzed.pipeline.statements.length === 0) throw new SluiceError("USAGE", `${analyzed.name} has no statement to explain`);
    const plan = planPipeline(analyzed.pipeline, { keepState: true });
    await print(options.json ? JSON.stringify(explainPipeline(plan), null, 2) : explainText(plan, { code: options.code ?? false }));
    return 0;
  });
}

/** Of statements that cannot run yet there is no plan, but what they mean. */
async function printQueries(queries: readonly BoundRoute[], json: boolean): Promise<void> {
  const trees = queries.map(({ name, query, target }) => ({ name, tree: explainQuery(query, target) }));
  const lines = trees.flatMap(({ name, tree }) => [`statement ${name}`, ...treeLines(tree, "  "), ""]);
  await print(
    json
      ? JSON.stringify(
          trees.map(({ tree }) => tree),
          null,
          2,
        )
      : lines.join("\n").trimEnd(),
  );
}

/** A SELECT, or the statements of a pipeline. */
function analyzeText({ catalog, variables }: Project, text: string): AnalyzedPipelineFile {
  const name = "query";
  const parsed = withVariables(parse(text), variables);
  const file = "SQL";
  const writes = parsed.statements.some(
    (statement) => statement.kind === "insert" || (statement.kind === "create" && isAsSelect(statement)),
  );
  if (writes) return { file, text, name, ...analyzePipeline(parsed, { name, catalog }) };
  const { statement, query, diagnostics } = analyzeQuery(parsed, { catalog });
  const queries = query === null ? null : [{ name, query, target: null }];
  const pipeline: BoundPipeline | null = statement === null ? null : { name, statements: [statement], parallelism: 1, declaredTopics: [] };
  return { file, text, name, diagnostics, pipeline, queries, reads: [], places: [], streams: new Map() };
}
