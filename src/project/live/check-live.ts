import type { Diagnostic } from "../../../grammar/ast.ts";
import { parse } from "../../../grammar/parse.ts";
import { analyzePipeline } from "../../analyze/analyze-pipeline.ts";
import { topicKey } from "../../analyze/resolve-name.ts";
import { withVariables } from "../../analyze/variables.ts";
import type { KnownRelation } from "../../catalog/known-columns.ts";
import { SluiceError } from "../../errors.ts";
import { planPipeline } from "../../plan/plan-pipeline.ts";
import type { Environment } from "../../runtime/environment.ts";
import type { AnalyzedPipelineFile, Project } from "../project.ts";
import { checkGrouping, checkSource, checkTable } from "./check-sources.ts";
import { checkTargets } from "./check-targets.ts";
import { LiveConnections } from "./live-connections.ts";
import { LiveReporter } from "./live-reporter.ts";
import { knownRelation, type TopicFacts, topicFacts } from "./topic-facts.ts";

/**
 * Pipelines beside the systems that they read and write. Nothing is written there. Fields that nobody declared are looked for in
 * schemas and in sampled records; what only these say against a statement is a warning.
 */
export async function checkLive(
  project: Project,
  files: readonly AnalyzedPipelineFile[],
  env: Environment,
  strict: boolean,
): Promise<readonly AnalyzedPipelineFile[]> {
  const connections = new LiveConnections(project, env);
  try {
    const topics = new LiveTopics(connections);
    const written = new Set(files.flatMap(({ pipeline }) => pipeline?.statements ?? []).flatMap(writtenTopic));
    const isWritten = (connection: string, topic: string): boolean => written.has(topicKeyOf(connection, topic));
    return await Promise.all(files.map((file) => checkFile(project, file, topics, connections, { strict, isWritten })));
  } finally {
    await connections.close();
  }
}

const topicKeyOf = (connection: string, topic: string): string => `${connection}.${topic}`;

function writtenTopic({ target }: { readonly target: { readonly connection: string; readonly name: string } | null }): readonly string[] {
  return target === null ? [] : [topicKeyOf(target.connection, target.name)];
}

async function checkFile(
  project: Project,
  file: AnalyzedPipelineFile,
  topics: LiveTopics,
  connections: LiveConnections,
  options: { readonly strict: boolean; readonly isWritten: (connection: string, topic: string) => boolean },
): Promise<AnalyzedPipelineFile> {
  const report = new LiveReporter();
  const known = new Map<string, KnownRelation>();
  for (const read of file.reads) {
    const { connection, name } = read.source;
    const facts = await topics.of(connection.name, name);
    if (facts instanceof SluiceError) {
      report.add("error", facts.code, read.span, facts.message, facts.hint);
      continue;
    }
    checkSource(read, facts, options, report);
    const relation = knownRelation(facts);
    if (relation !== null) known.set(topicKey(read.source), relation);
  }
  const settings = project.config.pipelines.get(file.name) ?? {};
  const catalog = { ...project.catalog, known };
  const analyzed = analyzePipeline(withVariables(parse(file.text), project.variables), { name: file.name, catalog, settings });
  await checkStatements(analyzed, known, topics, connections, report);
  return { ...file, ...analyzed, diagnostics: inOrder([...analyzed.diagnostics, ...report.diagnostics]) };
}

async function checkStatements(
  { pipeline, places }: Pick<AnalyzedPipelineFile, "pipeline" | "places">,
  known: ReadonlyMap<string, KnownRelation>,
  topics: LiveTopics,
  connections: LiveConnections,
  report: LiveReporter,
): Promise<void> {
  if (pipeline === null) return;
  const { statements } = planPipeline(pipeline, { keepState: false });
  for (const [index, plan] of statements.entries()) {
    const place = places[index];
    if (place === undefined) continue;
    const { source } = plan.statement;
    const facts = await topics.of(source.connection, source.topic);
    if (!(facts instanceof SluiceError)) {
      checkGrouping(plan.statement, place, facts, report);
      checkTable(plan.statement, place, facts, report);
    }
    const relation = source.columns === null ? known.get(topicKeyOf(source.connection, source.topic)) : undefined;
    await checkTargets(plan, place, relation ?? null, connections, report);
  }
}

/** Each topic is looked at once, however many statements read it. */
class LiveTopics {
  private readonly connections: LiveConnections;
  private readonly facts = new Map<string, Promise<TopicFacts | SluiceError>>();

  constructor(connections: LiveConnections) {
    this.connections = connections;
  }

  of(connection: string, topic: string): Promise<TopicFacts | SluiceError> {
    const key = topicKeyOf(connection, topic);
    const asked = this.facts.get(key) ?? this.connections.ask(connection, (opened) => topicFacts(opened, topic));
    this.facts.set(key, asked);
    return asked;
  }
}

function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.toSorted((left, right) => left.span.start - right.span.start);
}
