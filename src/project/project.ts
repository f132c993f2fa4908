import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Diagnostic } from "../../grammar/ast.ts";
import { parse } from "../../grammar/parse.ts";
import { analyzeCatalog } from "../analyze/analyze-catalog.ts";
import { type AnalyzedPipeline, analyzePipeline } from "../analyze/analyze-pipeline.ts";
import { hasErrors } from "../analyze/reporter.ts";
import { type Variables, withVariables } from "../analyze/variables.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type Config, NO_CONFIG, parseConfig, projectVariables, refuseUnknownPipelines } from "./config.ts";
import { findFunctionFiles, loadFunctions } from "./function-files.ts";
import { CATALOG_FILE, findSqlFiles, isCatalogFile, pipelineName, QUERIES } from "./pipeline-files.ts";
import { readSourceText, type SourceText } from "./source-text.ts";

/** The configuration and the declarations that pipelines are analyzed with. */
export interface Project {
  /** The folder of the configuration, where `queries/` is. */
  readonly root: string;
  /** Where embedded connections keep their data. */
  readonly dataDirectory: string;
  readonly config: Config;
  readonly catalog: Catalog;
  /** What `${name}` stands for in statements, unless they DEFINE it. */
  readonly variables: Variables;
  /** `queries/catalog.sql` with what is wrong with it; null: there is none. */
  readonly catalogFile: AnalyzedFile | null;
}

export interface AnalyzedFile extends SourceText {
  readonly diagnostics: readonly Diagnostic[];
}

export interface AnalyzedPipelineFile extends AnalyzedFile, AnalyzedPipeline {
  readonly name: string;
}

export interface ProjectOptions {
  /** `--config`; undefined: `sluice.yaml` of this folder, if there is one. */
  readonly config?: string | undefined;
  /** `--data` */
  readonly data?: string | undefined;
  /** `--env`: one of `environments` in the configuration. */
  readonly env?: string | undefined;
}

const CONFIG_FILE = "sluice.yaml";
const CONFIG_BYTES_MAX = 1 << 20;

/**
 * Reads configuration, functions and catalog. Rejects with FILE_UNREADABLE, CONFIG_INVALID and FUNCTION_INVALID;
 * a faulty catalog is a matter of diagnostics.
 */
export async function openProject(options: ProjectOptions): Promise<Project> {
  const file = options.config ?? (existsSync(CONFIG_FILE) ? CONFIG_FILE : null);
  const config = file === null ? NO_CONFIG : parseConfig((await readSourceText(file, CONFIG_BYTES_MAX)).text, file, options.env ?? null);
  if (file === null && options.env !== undefined)
    throw new SluiceError("USAGE", "--env names one of environments in sluice.yaml, which is not here");
  const root = resolve(file === null ? "." : dirname(file));
  await loadFunctions(await findFunctionFiles(root));
  const dataDirectory = resolve(options.data ?? ".sluice");
  const variables = projectVariables(config, process.env);
  return { root, dataDirectory, config, variables, ...(await readCatalog(root, config, variables)) };
}

async function readCatalog(
  root: string,
  config: Config,
  variables: Variables,
): Promise<{ readonly catalog: Catalog; readonly catalogFile: AnalyzedFile | null }> {
  const { connections, defaultSource, defaultSink } = config;
  const catalog: Catalog = { connections, defaultSource, defaultSink, streams: new Map() };
  const file = join(root, QUERIES, CATALOG_FILE);
  if (!existsSync(file)) return { catalog, catalogFile: null };
  const source = await readSourceText(file, LIMITS.statementBytesMax);
  const { streams, diagnostics } = analyzeCatalog(withVariables(parse(source.text), variables), catalog);
  return { catalog: { ...catalog, streams }, catalogFile: { ...source, diagnostics } };
}

/** Reads and analyzes a pipeline's file. Rejects with FILE_UNREADABLE, LIMIT_EXCEEDED, and USAGE for a name that cannot be one. */
export async function analyzeFile(project: Project, file: string): Promise<AnalyzedPipelineFile> {
  const name = pipelineName(project.root, file);
  const source = await readSourceText(file, LIMITS.statementBytesMax);
  return { ...source, name, ...analyzeText(project, name, source.text) };
}

/** A pipeline of that name, with the project's declarations and the settings that `sluice.yaml` has for it. */
export function analyzeText({ catalog, config, variables }: Project, name: string, text: string): AnalyzedPipeline {
  const settings = config.pipelines.get(name) ?? {};
  return analyzePipeline(withVariables(parse(text), variables), { name, catalog, settings });
}

/** Of those, and of all below `queries/`, one must be meant by each name under `pipelines`. Rejects with CONFIG_INVALID. */
export async function checkPipelineNames({ root, config }: Project, files: readonly string[]): Promise<void> {
  if (config.pipelines.size === 0) return;
  const folder = join(root, QUERIES);
  const all = [...files, ...(existsSync(folder) ? await findSqlFiles([folder]) : [])];
  const pipelines = all.filter((file) => !isCatalogFile(root, file));
  refuseUnknownPipelines(config, [...new Set(pipelines.map((file) => pipelineName(root, file)))]);
}

export function isFaulty({ diagnostics }: AnalyzedFile): boolean {
  return hasErrors(diagnostics);
}
