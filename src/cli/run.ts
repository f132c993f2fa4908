import { type Command, Option } from "commander";
import { SluiceError } from "../errors.ts";
import type { BoundPipeline } from "../model/statement.ts";
import type { LogPlace } from "../plan/pipeline-plan.ts";
import { environment } from "../project/environment.ts";
import { findSqlFiles, isCatalogFile } from "../project/pipeline-files.ts";
import { PipelineGroup } from "../project/pipeline-group.ts";
import { analyzeFile, checkPipelineNames, isFaulty, type Project } from "../project/project.ts";
import { inWorkers } from "../project/worker-threads.ts";
import { type CommonOptions, defineCommand, examples, newCommand, openProjectOf, type SetExitCode, threadCount } from "./command.ts";
import { INTERRUPTED, onInterruption } from "./interruption.ts";
import { readLogPlace } from "./log-place.ts";
import { print } from "./output.ts";
import { PipelineWatch } from "./pipeline-watch.ts";
import { printDiagnostics } from "./print-diagnostics.ts";
import { exitCodeOf, reportOf, summary } from "./report.ts";

type Beginning = "earliest" | "latest" | LogPlace;

interface RunOptions extends CommonOptions {
  readonly untilEnd?: boolean;
  readonly close?: boolean;
  readonly parallelism?: number;
  readonly from?: Beginning;
  readonly to?: LogPlace;
  readonly report?: "json";
}

export function runCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("run", "runs pipelines in the foreground until Ctrl-C")
    .argument("<path...>", "pipeline files, or folders of them")
    .option("--until-end", "end at the ends that the topics have now; what pipelines of this run write is read to its end")
    .option("--close", "with --until-end: emit and close the windows that are still open")
    .option("--parallelism <count>", "threads that share the partitions of each pipeline (default: as its setting says)", threadCount)
    .option("--from <place>", "where statements begin that have never run: earliest, latest, a time or an offset", readStart)
    .option("--to <place>", "with --until-end: end on each partition at the first record of a time, or at an offset", readLogPlace)
    .addOption(new Option("--report <format>", "what was done, as one object on standard output").choices(["json"]))
    .addHelpText(
      "after",
      `\nA time is ISO 8601 or milliseconds since 1970, that of records. offset:1200 is that offset of every partition.\n${examples(
        "sluice run queries/temperatures/aggregate.sql",
        "sluice run queries/temperatures --until-end --close --report json",
        "sluice run queries/temperatures --until-end --from 2026-11-01T00:00:00Z --to 2026-11-02T00:00:00Z",
      )}`,
    );
  return defineCommand<[string[]], RunOptions>(command, setExitCode, run);
}

async function run(options: RunOptions, paths: readonly string[]): Promise<number> {
  if (options.close && !options.untilEnd) throw new SluiceError("USAGE", "--close goes with --until-end");
  checkSpan(options);
  const project = await openProjectOf(options);
  const pipelines = await readPipelines(project, paths);
  if (pipelines === null) return 1;
  const watch = new PipelineWatch();
  const group = await PipelineGroup.start({
    project,
    pipelines,
    env: environment,
    startThread: inWorkers(),
    parallelism: options.parallelism ?? null,
    until: options.untilEnd ? "ends" : "follow",
    close: options.close ?? false,
    start: options.from ?? null,
    to: options.to ?? null,
    onMessage: (message) => watch.take(message),
  });
  const interruption = onInterruption(
    (withinMs) => group.stop(withinMs),
    (text) => watch.line(text),
  );
  const ended = await group.ended;
  interruption.dispose();
  watch.close();
  const report = reportOf(ended);
  if (options.report === "json") await print(JSON.stringify(report));
  else for (const line of summary(report)) watch.line(line);
  const code = exitCodeOf(ended, watch.failures);
  return code === 0 && interruption.happened() ? INTERRUPTED : code;
}

function readStart(text: string): Beginning {
  const word = text.toLowerCase();
  return word === "earliest" || word === "latest" ? word : readLogPlace(text);
}

function checkSpan({ from, to, untilEnd }: RunOptions): void {
  if (to === undefined) return;
  if (!untilEnd) throw new SluiceError("USAGE", "--to goes with --until-end");
  const isEmpty =
    from === "latest" ||
    (typeof from === "object" && "timeMs" in from && "timeMs" in to && from.timeMs >= to.timeMs) ||
    (typeof from === "object" && "offset" in from && "offset" in to && from.offset >= to.offset);
  if (isEmpty) throw new SluiceError("USAGE", "--from is not before --to: there is nothing between them");
}

/** The pipelines of files and folders; null: what is wrong with them was printed. */
export async function readPipelines(project: Project, paths: readonly string[]): Promise<readonly BoundPipeline[] | null> {
  const files = (await findSqlFiles(paths)).filter((file) => !isCatalogFile(project.root, file));
  await checkPipelineNames(project, files);
  const analyzed = await Promise.all(files.map((file) => analyzeFile(project, file)));
  const all = project.catalogFile === null ? analyzed : [project.catalogFile, ...analyzed];
  for (const file of all) await printDiagnostics(process.stderr, file);
  if (all.some(isFaulty)) return null;
  const twice = analyzed.find(({ name }, index) => analyzed.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new SluiceError("USAGE", `two of the files make a pipeline named '${twice.name}'`);
  const pipelines = analyzed.flatMap(({ pipeline }) => (pipeline === null ? [] : [pipeline]));
  const idle = pipelines.find(({ statements }) => statements.length === 0);
  if (pipelines.length === 0 || idle !== undefined) {
    throw new SluiceError("USAGE", `${idle?.name ?? paths.join(", ")} has no statement to run`);
  }
  return pipelines;
}
