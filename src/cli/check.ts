import { join } from "node:path";
import type { Command } from "commander";
import { diagnosticsJson } from "../project/diagnostics-json.ts";
import { checkSettings } from "../project/open-named.ts";
import { findSqlFiles, isCatalogFile, QUERIES } from "../project/pipeline-files.ts";
import { type AnalyzedFile, analyzeFile, checkPipelineNames, isFaulty, type Project } from "../project/project.ts";
import { defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";
import { printDiagnostics, sayCounts, shownPath } from "./print-diagnostics.ts";

export function checkCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("check", "finds mistakes in pipelines without running them; exit 1 if there is an error")
    .argument("[path...]", "files or folders (default: queries/)")
    .option("--json", "findings as JSON, for editors and CI")
    .addHelpText("after", examples("sluice check", "sluice check queries/temperatures --json"));
  return defineCommand<[string[]], { json?: boolean }>(command, setExitCode, async (options, paths) => {
    const project = await openProjectOf(options);
    const files = await checkFiles(project, paths);
    if (options.json) await print(JSON.stringify(files.map(fileJson), null, 2));
    else await printFindings(files);
    return files.some(isFaulty) ? 1 : 0;
  });
}

async function checkFiles(project: Project, paths: readonly string[]): Promise<readonly AnalyzedFile[]> {
  const found = await findSqlFiles(paths.length > 0 ? paths : [join(project.root, QUERIES)]);
  const pipelines = found.filter((file) => !isCatalogFile(project.root, file));
  await checkPipelineNames(project, pipelines);
  await checkSettings(project);
  const catalog = project.catalogFile === null ? [] : [project.catalogFile];
  return [...catalog, ...(await Promise.all(pipelines.map((file) => analyzeFile(project, file))))];
}

async function printFindings(files: readonly AnalyzedFile[]): Promise<void> {
  for (const file of files) await printDiagnostics(process.stdout, file);
  await sayCounts(files);
}

function fileJson(file: AnalyzedFile) {
  return { file: shownPath(file.file), diagnostics: diagnosticsJson(file) };
}
