import { dirname, join, resolve } from "node:path";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { parseJson } from "../../model/exact-number.ts";
import { readSourceText } from "../source-text.ts";
import { shapeProblems } from "./check-shape.ts";
import type { Case, GivenRecord, RowTests, Step } from "./row-test-schema.ts";
import { type Place, type YamlPath, YamlSource } from "./yaml-source.ts";

/** Something wrong in a test file: with the file itself, or with what it expects. */
export interface Problem {
  readonly place: Place;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface PlacedStep extends Step {
  readonly path: YamlPath;
}

export interface RowTest {
  readonly name: string;
  readonly path: YamlPath;
  readonly variables: Readonly<Record<string, string>>;
  readonly steps: readonly PlacedStep[];
}

/** A file of row tests. */
export interface RowTestFile {
  /** As it was named. */
  readonly file: string;
  readonly source: YamlSource;
  /** The query's file. */
  readonly query: string;
  readonly fixtures: ReadonlyMap<string, readonly GivenRecord[]>;
  readonly tests: readonly RowTest[];
}

export type ReadRowTests =
  | { readonly tests: RowTestFile; readonly problems: null }
  | { readonly tests: null; readonly problems: readonly Problem[] };

const NAME = /\.test\.ya?ml$/;

export function isRowTestFile(file: string): boolean {
  return NAME.test(file);
}

/** The row tests that stand beside a query. */
export function rowTestsOf(query: string): string {
  return query.replace(/\.sql$/i, ".test.yaml");
}

/** Rejects with FILE_UNREADABLE and LIMIT_EXCEEDED. */
export async function readRowTests(file: string): Promise<ReadRowTests> {
  const { text } = await readSourceText(file, LIMITS.statementBytesMax);
  const source = new YamlSource(text);
  const read = source.read();
  if (read.broken !== null) return { tests: null, problems: [{ ...read.broken, code: "TEST_INVALID", hint: null }] };
  const written = read.value as RowTests;
  const problems = shapeProblems(written).map((problem) => invalid(source, problem.path, problem.message, problem.hint));
  if (problems.length > 0) return { tests: null, problems };
  const query = written.query === undefined ? file.replace(NAME, ".sql") : resolve(dirname(file), written.query);
  const fixtures = await readFixtures(file, written, source);
  if ("problem" in fixtures) return { tests: null, problems: [fixtures.problem] };
  const tests = written.tests.map((one, index) => rowTest(one, index, written));
  const twice = written.tests.findIndex((one, index) => written.tests.findIndex(({ name }) => name === one.name) !== index);
  const mixed = written.tests.findIndex(({ steps, name, variables, ...step }) => steps !== undefined && Object.keys(step).length > 0);
  if (twice >= 0) return { tests: null, problems: [invalid(source, ["tests", twice, "name"], "two tests have this name")] };
  if (mixed >= 0) return { tests: null, problems: [invalid(source, ["tests", mixed, "steps"], "a test has steps, or is one step itself")] };
  return { tests: { file, source, query, fixtures: fixtures.fixtures, tests }, problems: null };
}

export function invalid(source: YamlSource, path: YamlPath, message: string, hint: string | null = null): Problem {
  return { place: source.place(path), code: "TEST_INVALID", message, hint };
}

function rowTest(written: Case, index: number, file: RowTests): RowTest {
  const { name, variables, steps, ...single } = written;
  const path = ["tests", index];
  return {
    name,
    path,
    variables: texts({ ...file.variables, ...variables }),
    steps: steps === undefined ? [{ ...single, path }] : steps.map((step, number) => ({ ...step, path: [...path, "steps", number] })),
  };
}

function texts(values: Readonly<Record<string, string | number | boolean>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

async function readFixtures(
  file: string,
  { fixtures = {} }: RowTests,
  source: YamlSource,
): Promise<{ readonly fixtures: ReadonlyMap<string, readonly GivenRecord[]> } | { readonly problem: Problem }> {
  const read = new Map<string, readonly GivenRecord[]>();
  for (const [name, written] of Object.entries(fixtures)) {
    try {
      read.set(name, typeof written === "string" ? await recordsOf(join(dirname(file), written)) : written);
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      return { problem: invalid(source, ["fixtures", name], error.message) };
    }
  }
  return { fixtures: read };
}

/** Each line is the value of a record. */
async function recordsOf(file: string): Promise<readonly GivenRecord[]> {
  const { text } = await readSourceText(file, LIMITS.statementBytesMax);
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [{ value: parseJson(line) }];
    } catch (error) {
      throw new SluiceError("FILE_UNREADABLE", `${file}:${index + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}
