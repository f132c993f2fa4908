import { join } from "node:path";
import type { Command } from "commander";
import { SluiceError } from "../errors.ts";
import { diagnosticsJson } from "../project/diagnostics-json.ts";
import { checkSettings } from "../project/open-named.ts";
import { findSqlFiles, isCatalogFile, QUERIES } from "../project/pipeline-files.ts";
import { type AnalyzedFile, analyzeFile, checkPipelineNames, isFaulty, type Project } from "../project/project.ts";
import { defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { fileSubject } from "./findings/finding.ts";
import { type FindingsOutput, findingsOutputOption, findingsText } from "./findings/findings-text.ts";
import { print, write } from "./output.ts";
import { printDiagnostics, sayCounts, shownPath } from "./print-diagnostics.ts";

export function checkCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("check", "finds mistakes in pipelines without running them; exit 1 if there is an error")
    .argument("[path...]", "files or folders (default: queries/)")
    .addOption(findingsOutputOption())
    .option("--json", "findings as JSON by file, for editors")
    .option("--live", "also beside the systems that are read and written: topics, fields, keys, columns and mappings")
    .option("--strict", "with --live: a topic that does not exist is an error")
    .addHelpText(
      "after",
      examples(
        "sluice check",
        "sluice check queries/temperatures --json",
        "sluice check --output sarif > findings.sarif",
        "sluice check --live --config sluice.kafka.yaml",
      ),
    );
  return defineCommand<[string[]], CheckOptions>(command, setExitCode, async (options, paths) => {
    const project = await openProjectOf(options);
    const files = await checkFiles(project, paths, options);
    if (options.json) await print(JSON.stringify(files.map(fileJson), null, 2));
    else if (options.output === "text") await printFindings(files);
    else await write(process.stdout, findingsText(options.output, { command: "check", subjects: files.map(fileSubject) }));
    return files.some(isFaulty) ? 1 : 0;
  });
}

interface CheckOptions {
  readonly output: FindingsOutput;
  readonly json?: boolean;
  readonly live?: boolean;
  readonly strict?: boolean;
}

async function checkFiles(
  project: Project,
  paths: readonly string[],
  { live, strict }: Pick<CheckOptions, "live" | "strict">,
): Promise<readonly AnalyzedFile[]> {
  if (strict === true && live !== true) throw new SluiceError("USAGE", "--strict is for --live");
  const found = await findSqlFiles(paths.length > 0 ? paths : [join(project.root, QUERIES)]);
  const pipelines = found.filter((file) => !isCatalogFile(project.root, file));
  await checkPipelineNames(project, pipelines);
  await checkSettings(project);
  const catalog = project.catalogFile === null ? [] : [project.catalogFile];
  const analyzed = await Promise.all(pipelines.map((file) => analyzeFile(project, file)));
  if (live !== true) return [...catalog, ...analyzed];
  const { checkLive } = await import("../project/live/check-live.ts");
  const { environment } = await import("../project/environment.ts");
  return [...catalog, ...(await checkLive(project, analyzed, environment, strict === true))];
}

async function printFindings(files: readonly AnalyzedFile[]): Promise<void> {
  for (const file of files) await printDiagnostics(process.stdout, file);
  await sayCounts(files);
}

function fileJson(file: AnalyzedFile) {
  return { file: shownPath(file.file), diagnostics: diagnosticsJson(file) };
}
