import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { SluiceError } from "../errors.ts";
import { findSqlFiles, isCatalogFile, QUERIES } from "../project/pipeline-files.ts";
import type { Project } from "../project/project.ts";
import { findTestFiles } from "../project/row-tests/find-test-files.ts";
import { isRowTestFile, rowTestsOf } from "../project/row-tests/read-row-tests.ts";
import { runTests, type TestOutcome } from "../project/row-tests/run-row-tests.ts";
import { updateRowTests } from "../project/row-tests/update-row-tests.ts";
import { defineCommand, examples, newCommand, openProjectOf, type SetExitCode } from "./command.ts";
import { type Finding, hasError, type Subject } from "./findings/finding.ts";
import { type FindingsOutput, findingsOutputOption, findingsText } from "./findings/findings-text.ts";
import { counted, paint, print, say, write } from "./output.ts";
import { shownPath } from "./print-diagnostics.ts";

interface TestOptions {
  readonly output: FindingsOutput;
  readonly filter?: string;
  readonly update?: boolean;
}

export function testCommand(setExitCode: SetExitCode): Command {
  const command = newCommand("test", "runs the row tests beside queries, on embedded parts in memory; exit 1 if one fails")
    .argument("[path...]", "test files, queries or folders (default: queries/)")
    .addOption(findingsOutputOption())
    .option("--filter <text>", "only tests whose names have this in them")
    .option("--update", "write into the files what is there instead of what they expect")
    .addHelpText(
      "after",
      examples(
        "sluice test",
        "sluice test queries/temperatures/aggregate.sql",
        'sluice test --filter "late"',
        "sluice test --output junit > junit.xml",
      ),
    );
  return defineCommand<[string[]], TestOptions>(command, setExitCode, async (options, paths) => {
    const startMs = performance.now();
    const project = await openProjectOf(options);
    const files = await findTestFiles(paths.length > 0 ? paths : [join(project.root, QUERIES)]);
    if (files.length === 0) {
      const hint = "they are in files NAME.test.yaml beside NAME.sql; docs/operations/testing.md shows how";
      throw new SluiceError("USAGE", `there are no tests in ${paths.join(", ") || QUERIES}`, { hint });
    }
    const outcomes: TestOutcome[] = [];
    for (const file of files) outcomes.push(...(await testFile(project, file, options)));
    if (options.filter !== undefined && outcomes.length === 0)
      throw new SluiceError("USAGE", `no test has '${options.filter}' in its name`);
    if (options.output === "text") for (const outcome of outcomes) await printOutcome(outcome);
    else await write(process.stdout, findingsText(options.output, { command: "test", subjects: outcomes.map(subjectOf) }));
    await saySummary(outcomes, performance.now() - startMs, paths.length > 0 ? [] : await untested(project));
    return outcomes.some((outcome) => hasError(subjectOf(outcome))) ? 1 : 0;
  });
}

async function testFile(project: Project, file: string, { filter, update = false }: TestOptions) {
  const tested = await runTests(project, file, filter ?? null);
  if (!update || !(await updateRowTests(tested))) return tested.outcomes;
  await say(`${shownPath(file)} was updated`);
  return (await runTests(project, file, filter ?? null)).outcomes;
}

function subjectOf({ file, name, ms, problems }: TestOutcome): Subject {
  const findings = problems.map(({ place, ...problem }): Finding => ({ file: shownPath(file), ...place, severity: "error", ...problem }));
  return { suite: shownPath(file), name, seconds: ms / 1000, findings };
}

async function printOutcome(outcome: TestOutcome): Promise<void> {
  const { file, name, query, ms, problems } = outcome;
  const mark = problems.length === 0 ? paint(process.stdout, "green", "ok  ") : paint(process.stdout, "redBright", "FAIL");
  await print(`${mark} ${shownPath(file)}: ${name} (${Math.round(ms)} ms)`);
  for (const { place, code, message, hint } of problems) {
    const [first, ...lines] = message.split("\n");
    await print(`  ${shownPath(file)}:${place.line}:${place.column} ${paint(process.stdout, "redBright", `error ${code}`)}: ${first}`);
    for (const line of lines) await print(`    ${paint(process.stdout, colorOf(line), line)}`);
    if (hint !== null) await print(`    ${paint(process.stdout, "dim", "hint:")} ${hint}`);
  }
  if (problems.length > 0 && query !== null) await print(`  ${paint(process.stdout, "dim", "query:")} ${shownPath(query)}`);
}

function colorOf(line: string): "red" | "green" | "reset" {
  return line.startsWith("-") ? "red" : line.startsWith("+") ? "green" : "reset";
}

/** "5 passed, 1 failed in 2 files and 0.3 s; 12 ms a test, at most 40 ms" */
async function saySummary(outcomes: readonly TestOutcome[], totalMs: number, without: readonly string[]): Promise<void> {
  const failed = outcomes.filter(({ problems }) => problems.length > 0).length;
  const files = new Set(outcomes.map(({ file }) => file)).size;
  const times = outcomes.map(({ ms }) => ms);
  const mean = times.reduce((sum, ms) => sum + ms, 0) / Math.max(1, times.length);
  if (without.length > 0) await say(`without row tests: ${without.map(shownPath).join(", ")}`);
  const counts = `${outcomes.length - failed} passed, ${failed} failed in ${counted(files, "file")}`;
  const most = Math.round(Math.max(0, ...times));
  await say(`${counts} and ${(totalMs / 1000).toFixed(1)} s; ${Math.round(mean)} ms a test, at most ${most} ms`);
}

/** Queries of the project that nothing tests. */
async function untested({ root }: Project): Promise<readonly string[]> {
  const queries = (await findSqlFiles([join(root, QUERIES)])).filter((file) => !isCatalogFile(root, file));
  return queries.filter((file) => !existsSync(rowTestsOf(file)) && !isRowTestFile(file));
}
