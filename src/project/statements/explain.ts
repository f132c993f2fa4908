import type { ExplainStatement } from "../../../grammar/statement-ast.ts";
import { analyzePipeline, type BoundRoute } from "../../analyze/analyze-pipeline.ts";
import { SluiceError } from "../../errors.ts";
import type { BoundPipeline } from "../../model/statement.ts";
import { type ExplainNode, explainPipeline, explainText, treeLines } from "../../plan/explain.ts";
import { explainQuery } from "../../plan/explain-query.ts";
import { planPipeline } from "../../plan/plan-pipeline.ts";
import { errorOf } from "../../runtime/as-error.ts";
import { inThisThread } from "../../runtime/pipeline-thread.ts";
import type { ErrorReport, StatementCounters } from "../../runtime/protocol.ts";
import { PipelineGroup } from "../pipeline-group.ts";
import type { StatementContext } from "./context.ts";
import { type TableResult, table } from "./result.ts";
import { analyzeInSession, explainable } from "./select.ts";

/** The plan, a step a line; with ANALYZE after the statement has read its topic to the end, with what passed each step. */
export async function explain(written: ExplainStatement, context: StatementContext): Promise<TableResult | null> {
  const { pipeline, queries } = written.statement.kind === "select" ? ofSelect(written, context) : ofInsert(written, context);
  if (pipeline !== null) return planTable(written.analyze ? await analyzed(pipeline, context) : explainText(planOf(pipeline)).split("\n"));
  if (queries === null || written.analyze) return null;
  return planTable(queries.flatMap(({ query, target }) => treeLines(explainQuery(query, target), "")));
}

const planTable = (lines: readonly string[]): TableResult =>
  table(
    ["plan"],
    lines.map((line) => [line]),
  );

const planOf = (pipeline: BoundPipeline) => planPipeline(pipeline, { keepState: false });

interface Explained {
  /** null: it cannot run. */
  readonly pipeline: BoundPipeline | null;
  /** null: it has errors. */
  readonly queries: readonly BoundRoute[] | null;
}

const NAME = "query";

function ofSelect({ statement: inner }: ExplainStatement, context: StatementContext): Explained {
  if (inner.kind !== "select") return { pipeline: null, queries: null };
  const { statement, query } = analyzeInSession(inner, context, "explain");
  const pipeline = statement === null ? null : { name: NAME, statements: [statement], parallelism: 1, declaredTopics: [] };
  return { pipeline, queries: query === null ? null : [{ name: NAME, query, target: null }] };
}

function ofInsert({ statement: inner }: ExplainStatement, { text, state, catalog, report }: StatementContext): Explained {
  const parsed = { text, statements: [...state.stages, inner], diagnostics: [], incomplete: false };
  const { pipeline, queries, diagnostics } = analyzePipeline(parsed, { name: NAME, catalog, settings: state.settings });
  for (const diagnostic of diagnostics) report.pass(queries === null ? diagnostic : explainable(diagnostic));
  return { pipeline, queries };
}

/** Nothing is written: the rows of the statement are counted. */
async function analyzed(pipeline: BoundPipeline, { project, env, onEvent }: StatementContext): Promise<readonly string[]> {
  const shown = pipeline.statements.map((statement) => ({ ...statement, target: null, emit: "final" as const }));
  let failure: ErrorReport | null = null;
  const group = await PipelineGroup.start({
    project,
    pipelines: [{ ...pipeline, statements: shown, parallelism: 1 }],
    env,
    startThread: inThisThread(env),
    until: "ends",
    close: true,
    start: "earliest",
    keepState: false,
    onMessage: (message, handle) => {
      if (message.kind === "rows") handle.rowsTaken(message.batch);
      else if (message.kind === "statement-failed" || message.kind === "failed") failure ??= message.error;
      else onEvent(message);
    },
  });
  const [last] = await group.ended;
  if (failure !== null) throw errorOf(failure);
  if (last?.kind !== "done") throw new SluiceError("STOPPED", "the statement was stopped");
  const trees = explainPipeline(planOf({ ...pipeline, statements: shown }));
  const counters = last.statements.map((statement) => statement.counters);
  const lines = trees.flatMap((tree, index) => treeLines(annotated(tree, counters[index] as StatementCounters), ""));
  return [...lines, `read ${last.messages} records, ${last.bytes} bytes in ${last.seconds.toFixed(3)} s`];
}

/** What is known of a step, behind its detail. Steps that let everything pass say nothing. */
function annotated(node: ExplainNode, counters: StatementCounters): ExplainNode {
  const passed = PASSED[node.step]?.(counters) ?? null;
  const inputs = node.inputs.map((input) => annotated(input, counters));
  return { ...node, inputs, detail: passed === null ? node.detail : `${node.detail} [${passed}]`.trimStart() };
}

const PASSED: Readonly<Record<string, (counters: StatementCounters) => string>> = {
  scan: ({ in: read, deadLettered }) => `${read} records${deadLettered > 0 ? `, ${deadLettered} could not be taken` : ""}`,
  filter: ({ in: read, filtered, deadLettered }) => `${read - filtered - deadLettered} passed, ${filtered} filtered`,
  aggregate: ({ applied, late }) => `${applied} applied, ${late} late`,
  route: ({ written }) => `${written} rows`,
};
