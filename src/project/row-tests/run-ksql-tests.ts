import type { Span } from "../../../grammar/ast.ts";
import { lineAndColumn } from "../../../grammar/diagnostics.ts";
import { parse } from "../../../grammar/parse.ts";
import type { CreateStatement, InsertStatement, Statement } from "../../../grammar/statement-ast.ts";
import { analyzePipeline } from "../../analyze/analyze-pipeline.ts";
import { dotted } from "../../analyze/resolve-name.ts";
import { withVariables } from "../../analyze/variables.ts";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { Project } from "../project.ts";
import { readSourceText } from "../source-text.ts";
import { StatementSession } from "../statements/session.ts";
import { type ExpandedText, type KsqlTest, onlyBetween, readKsqlTests, withScripts } from "./ksql-tests.ts";
import type { Problem } from "./read-row-tests.ts";
import type { TestOutcome } from "./run-row-tests.ts";
import { Trial } from "./trial.ts";

/** What ended a test, and where in the file. */
interface Failure extends Pick<Problem, "code" | "message" | "hint"> {
  readonly offset: number;
}

/**
 * The tests of a file of ksqlDB's testing tool whose names have `filter` in them. What is inserted is worked off before the next statement,
 * so that each record's changes are there one by one. Rejects with FILE_UNREADABLE and LIMIT_EXCEEDED.
 */
export async function runKsqlTests(project: Project, file: string, filter: string | null): Promise<readonly TestOutcome[]> {
  const { text } = await readSourceText(file, LIMITS.statementBytesMax);
  const tests = readKsqlTests(text);
  if (tests.length === 0) {
    const hint = "a test begins with a line --@test: name";
    const problem = problemAt(text, { offset: 0, code: "TEST_INVALID", message: "there is no test in it", hint });
    return [{ file, name: file, query: null, ms: 0, problems: [problem] }];
  }
  const outcomes: TestOutcome[] = [];
  for (const test of tests.filter(({ name }) => filter === null || name.includes(filter))) {
    const startMs = performance.now();
    const failure = unexpected(test, await failureOf(project, file, test));
    const problems = failure === null ? [] : [problemAt(text, failure)];
    outcomes.push({ file, name: test.name, query: null, ms: performance.now() - startMs, problems });
  }
  return outcomes;
}

function problemAt(text: string, { offset, code, message, hint }: Failure): Problem {
  const { line, column } = lineAndColumn(text, offset);
  return { place: { line, column, endLine: line, endColumn: column }, code, message, hint };
}

async function failureOf(project: Project, file: string, { text }: KsqlTest): Promise<Failure | null> {
  const start = text.search(/\S/);
  try {
    const expanded = await withScripts(text, file);
    const run = new KsqlRun(project, expanded);
    return await run.failure().finally(() => run.close());
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return { offset: start, code: error.code, message: error.message, hint: error.hint };
  }
}

/** null: the test has come to what it expects. */
function unexpected({ text, expectedError, expectedMessage }: KsqlTest, failure: Failure | null): Failure | null {
  const isOurs = expectedError !== null && /^[A-Z]+(_[A-Z]+)*$/.test(expectedError);
  const message = expectedError === null || isOurs ? expectedMessage : null;
  if (expectedError === null && message === null) return failure;
  const wanted = [expectedError, message].filter((part) => part !== null).join(": ");
  if (failure === null) {
    return { offset: text.search(/\S/), code: "ASSERTION_FAILED", message: `nothing failed, but this was expected: ${wanted}`, hint: null };
  }
  const isCode =
    expectedError === null ||
    (isOurs ? failure.code === expectedError : !/AssertionError$/.test(expectedError) || failure.code === "ASSERTION_FAILED");
  if (isCode && failure.message.includes(message ?? "")) return null;
  return { ...failure, message: `${failure.message}\nexpected was ${wanted}` };
}

/** The statements of a test, one after the other, on parts of their own. */
class KsqlRun {
  private readonly project: Project;
  private readonly trial: Trial;
  private readonly session: StatementSession;
  private readonly text: string;
  private readonly originOf: ExpandedText["originOf"];
  /** What means something to the statements that run for good, and those themselves. */
  private readonly said: Statement[] = [];

  constructor(project: Project, { text, originOf }: ExpandedText) {
    this.project = project;
    this.trial = new Trial(project);
    this.text = text;
    this.originOf = originOf;
    const { project: own, environment: env } = this.trial;
    this.session = new StatementSession({ project: own, env, untilEnd: true, from: null, onEvent: () => {}, assertMs: 0 });
  }

  /** null: all of them did what they should. Of a text that cannot be parsed, those before the error are executed. */
  async failure(): Promise<Failure | null> {
    const { statements, diagnostics } = parse(this.text);
    const error = diagnostics.find(({ severity }) => severity === "error");
    for (const statement of statements) {
      if (error !== undefined && statement.span.end >= error.span.start) break;
      const failure = await this.execute(statement).catch((rejected: unknown) => this.failureFrom(rejected, statement));
      if (failure !== null) return failure;
    }
    return error === undefined ? null : { ...error, offset: this.originOf(error.span.start) };
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.trial.close();
  }

  private async execute(statement: Statement): Promise<Failure | null> {
    const { kind } = statement;
    // What tunes ksqlDB's own engine means nothing here.
    if ((kind === "set" || kind === "unset") && /^ksql\./i.test(statement.name)) return null;
    if (kind === "insert" || (kind === "create" && statement.select !== null)) return this.start(statement);
    if (["set", "unset", "define", "undefine", "with", "create"].includes(kind)) this.said.push(statement);
    const failure = await this.inSession(statement);
    return failure === null && kind === "insert-values" ? this.workOff(statement) : failure;
  }

  private async inSession({ span }: Statement): Promise<Failure | null> {
    for await (const { diagnostics, result } of this.session.run(onlyBetween(this.text, span.start, span.end))) {
      const error = diagnostics.find(({ severity }) => severity === "error");
      if (result === null && error !== undefined) return { ...error, offset: this.originOf(error.span.start) };
    }
    return null;
  }

  /** From now on it runs, in the place of what it replaces. What it declares is known to the statements behind. */
  private async start(statement: InsertStatement | CreateStatement): Promise<Failure | null> {
    const replaced = statement.kind === "create" && statement.orReplace ? this.said.findIndex((one) => isOfName(one, statement)) : -1;
    const number = replaced === -1 ? this.said.length : replaced;
    this.said[number] = statement;
    const parsed = { text: this.text, statements: this.said, diagnostics: [], incomplete: false };
    const { catalog, variables } = this.project;
    const name = `test-${number}`;
    const { pipeline, places, diagnostics, streams } = analyzePipeline(withVariables(parsed, variables), { name, catalog });
    const error = diagnostics.find(({ severity }) => severity === "error");
    if (error !== undefined) return { ...error, offset: this.originOf(error.span.start) };
    const isOwn = (_: unknown, index: number): boolean => isWithin(places[index]?.target, statement.span);
    if (pipeline !== null) await this.trial.add({ ...pipeline, statements: pipeline.statements.filter(isOwn) });
    this.session.know(streams);
    return this.workOff(statement);
  }

  private async workOff({ span }: Statement): Promise<Failure | null> {
    const { errors } = await this.trial.run(false);
    const [first] = errors;
    return first === undefined ? null : { ...first, offset: this.originOf(span.start) };
  }

  private failureFrom(rejected: unknown, { span }: Statement): Failure {
    if (!(rejected instanceof SluiceError)) throw rejected;
    return { offset: this.originOf(span.start), code: rejected.code, message: rejected.message, hint: rejected.hint };
  }
}

function isOfName(statement: Statement, { name }: CreateStatement): boolean {
  return statement.kind === "create" && statement.select !== null && dotted(statement.name) === dotted(name);
}

function isWithin(inner: Span | undefined, outer: Span): boolean {
  return inner !== undefined && inner.start >= outer.start && inner.end <= outer.end;
}
