import { SluiceError } from "../../errors.ts";
import type { BoundPipeline } from "../../model/statement.ts";
import { diagnosticsJson } from "../diagnostics-json.ts";
import { type AnalyzedPipelineFile, analyzeFile, isFaulty, type Project } from "../project.ts";
import { isRowTestFile, type Problem, type RowTest, type RowTestFile, readRowTests } from "./read-row-tests.ts";
import { runKsqlTests } from "./run-ksql-tests.ts";
import { type RowTestResult, runRowTest } from "./run-row-test.ts";
import { Trial } from "./trial.ts";
import { withProjectVariables } from "./trial-project.ts";
import type { Place } from "./yaml-source.ts";

/** A test that was run, or that could not be. */
export interface TestOutcome {
  /** The file with the test. */
  readonly file: string;
  readonly name: string;
  /** The query's file; null: nothing is known of it. */
  readonly query: string | null;
  readonly ms: number;
  readonly problems: readonly Problem[];
}

export interface TestedFile {
  readonly outcomes: readonly TestOutcome[];
  /** null: the file cannot be read as one of row tests. */
  readonly tests: RowTestFile | null;
  readonly results: readonly RowTestResult[];
}

/** The tests of a file, in whichever form they are. */
export async function runTests(project: Project, file: string, filter: string | null): Promise<TestedFile> {
  if (isRowTestFile(file)) return runRowTests(project, file, filter);
  return { tests: null, results: [], outcomes: await runKsqlTests(project, file, filter) };
}

/**
 * The row tests of a file whose names have `filter` in them, one after the other. The query is analyzed once, and again for
 * tests that have variables. Rejects with FILE_UNREADABLE and LIMIT_EXCEEDED.
 */
export async function runRowTests(project: Project, file: string, filter: string | null): Promise<TestedFile> {
  const startMs = performance.now();
  const { tests, problems } = await readRowTests(file);
  if (tests === null) {
    return { tests, results: [], outcomes: [{ file, name: file, query: null, ms: performance.now() - startMs, problems }] };
  }
  const analyses = new Map<string, Promise<{ readonly project: Project; readonly query: AnalyzedPipelineFile }>>();
  const analyzed = (test: RowTest) => {
    const key = JSON.stringify(test.variables);
    const known = analyses.get(key) ?? analyze(withProjectVariables(project, test.variables), tests.query);
    analyses.set(key, known);
    return known;
  };
  const outcomes: TestOutcome[] = [];
  const results: RowTestResult[] = [];
  for (const test of tests.tests.filter(({ name }) => filter === null || name.includes(filter))) {
    const { project: own, query } = await analyzed(test);
    if (query.pipeline !== null) await warmUp(own, query.pipeline);
    const testMs = performance.now();
    const faults = faultsOf(own, query, tests.source.place(test.path));
    const result =
      faults.length > 0 || query.pipeline === null
        ? { problems: faults, goldens: [] }
        : await runRowTest({ ...own, catalog: { ...own.catalog, streams: query.streams } }, query.pipeline, test, tests);
    results.push(result);
    outcomes.push({ file, name: test.name, query: tests.query, ms: performance.now() - testMs, problems: result.problems });
  }
  return { tests, results, outcomes };
}

let warmingUp: Promise<void> | null = null;

/** What runs for the first time in a process is loaded and compiled by it: no test is charged with that. */
function warmUp(project: Project, pipeline: BoundPipeline): Promise<void> {
  warmingUp ??= dryRun(project, pipeline);
  return warmingUp;
}

/** Without records. What goes wrong will go wrong in tests too, and is told there. */
async function dryRun(project: Project, pipeline: BoundPipeline): Promise<void> {
  const trial = new Trial(project);
  try {
    await trial.add(pipeline);
    await trial.run(true);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
  } finally {
    await trial.close();
  }
}

async function analyze(project: Project, file: string) {
  return { project, query: await analyzeFile(project, file) };
}

/** Errors of the query and of the catalog are told where the test is. */
function faultsOf(project: Project, query: AnalyzedPipelineFile, place: Place): readonly Problem[] {
  const files = [query, ...(project.catalogFile === null ? [] : [project.catalogFile])];
  const faults = files.filter(isFaulty).flatMap((file) =>
    diagnosticsJson(file)
      .filter(({ severity }) => severity === "error")
      .map(({ code, message, hint, line, column }) => ({ place, code, message: `${file.file}:${line}:${column}: ${message}`, hint })),
  );
  const isEmpty = faults.length === 0 && (query.pipeline?.statements ?? []).length === 0;
  return isEmpty ? [{ place, code: "STATEMENT_INVALID", message: `${query.file} has no statement to run`, hint: null }] : faults;
}
