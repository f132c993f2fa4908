import { join } from "node:path";
import { SluiceError } from "../errors.ts";
import { deployedText } from "./deployed-text.ts";
import { type FileOptions, fileOptions } from "./file-options.ts";
import { findSqlFiles, isCatalogFile, projectPipelineNames, QUERIES } from "./pipeline-files.ts";
import { type AnalyzedPipelineFile, analyzeFile, checkPipelineNames, type Project } from "./project.ts";

/** A pipeline's file, and what a server is given for it. */
export interface PipelineFile extends FileOptions {
  readonly source: AnalyzedPipelineFile;
  readonly deployed: string;
}

/** All pipelines of `queries/`, by name. Rejects with USAGE where two files are called alike, STATEMENT_INVALID, and as `analyzeFile`. */
export async function pipelineFiles(project: Project): Promise<readonly PipelineFile[]> {
  const { root } = project;
  if ((await projectPipelineNames(root)).length === 0) return [];
  const paths = (await findSqlFiles([join(root, QUERIES)])).filter((file) => !isCatalogFile(root, file));
  await checkPipelineNames(project, paths);
  const sources = await Promise.all(paths.map((file) => analyzeFile(project, file)));
  for (const [index, { name, file }] of sources.entries()) {
    const other = sources.slice(0, index).find((source) => source.name === name);
    if (other !== undefined) throw new SluiceError("USAGE", `${other.file} and ${file} would both be the pipeline ${name}`);
  }
  return sources.map((source) => ({
    source,
    deployed: deployedText(project, source.name, source.text),
    ...fileOptions(source.text, source.file),
  }));
}
