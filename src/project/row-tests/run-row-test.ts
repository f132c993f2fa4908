import { must } from "../../assert.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { SluiceError } from "../../errors.ts";
import type { BoundPipeline } from "../../model/statement.ts";
import type { LookupPlan, PipelinePlan } from "../../plan/pipeline-plan.ts";
import type { ErrorReport, StatementProgress } from "../../runtime/protocol.ts";
import type { Project } from "../project.ts";
import { differenceText, isAsExpected, pairRows, type RowPair, rowText } from "./compare-rows.ts";
import { errorText, isExpectedError, readExpectation } from "./expectations.ts";
import { rawRecord, topicShape } from "./given-records.ts";
import { rowOf } from "./given-rows.ts";
import { invalid, type PlacedStep, type Problem, type RowTest, type RowTestFile } from "./read-row-tests.ts";
import { resolveTarget } from "./resolve-target.ts";
import type { Expectation, GivenRecord } from "./row-test-schema.ts";
import { moveOf, nowOf, StepTimeError } from "./step-time.ts";
import { topicPartitions } from "./topic-partitions.ts";
import { Trial, type TrialRun } from "./trial.ts";
import { type Target, type WrittenRow, WrittenRows } from "./written-rows.ts";
import type { YamlPath } from "./yaml-source.ts";

/** What a list of rows in a test should be, and is: what `--update` writes. */
export interface Golden {
  /** Of the list. */
  readonly path: YamlPath;
  readonly kind: Target["route"]["kind"];
  readonly expected: readonly WrittenRow[];
  readonly actual: readonly WrittenRow[];
  readonly pairs: readonly RowPair[];
}

export interface RowTestResult {
  /** In the order of the file; empty: it has passed. */
  readonly problems: readonly Problem[];
  /** Lists that are not as they should be. */
  readonly goldens: readonly Golden[];
}

const lookupsOf = ({ sources }: PipelinePlan): readonly LookupPlan[] => sources.flatMap(({ lookups = [] }) => lookups);
const lookupName = ({ connection, name }: LookupPlan): string => `${connection}.${name}`;

/** Of records that nobody gives a time. */
const FIRST_MS = Date.UTC(2026, 0, 1);

/** Runs a test on embedded parts of its own. */
export async function runRowTest(project: Project, pipeline: BoundPipeline, test: RowTest, file: RowTestFile): Promise<RowTestResult> {
  const trial = new Trial(project);
  const run = new RowTestRun(trial, project.catalog, file);
  try {
    await run.begin(pipeline, test);
    for (const step of test.steps) if (!(await run.step(step))) break;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    run.problems.push({ place: file.source.place(test.path), code: error.code, message: error.message, hint: error.hint });
  } finally {
    await trial.close();
  }
  return run;
}

class RowTestRun implements RowTestResult {
  readonly problems: Problem[] = [];
  readonly goldens: Golden[] = [];
  private readonly trial: Trial;
  private readonly catalog: Catalog;
  private readonly file: RowTestFile;
  private readonly written: WrittenRows;
  private begun: PipelinePlan | null = null;
  private lastMs = FIRST_MS;
  /** For how long nothing has been given, as far as steps say so. */
  private silentMs = 0;

  constructor(trial: Trial, catalog: Catalog, file: RowTestFile) {
    this.trial = trial;
    this.catalog = catalog;
    this.file = file;
    this.written = new WrittenRows(trial);
  }

  async begin(pipeline: BoundPipeline, test: RowTest): Promise<void> {
    const asked = topicPartitions(pipeline, test, this.file, (name) => this.topicsOf(name));
    this.begun = await this.trial.add(pipeline, ({ connection, topic }) => asked.get(`${connection}.${topic}`) ?? 1);
    // Tables in which rows are looked up are there, and empty.
    for (const lookup of lookupsOf(this.begun)) await this.trial.putRows(lookup, []);
  }

  /** False: what comes behind it would mean nothing. */
  async step(step: PlacedStep): Promise<boolean> {
    try {
      const ran = await this.run(step);
      if (ran === null) return false;
      await this.check(step, ran);
      return true;
    } catch (error) {
      if (!(error instanceof StepTimeError)) throw error;
      return this.refuse([...step.path, ...error.path], error.message, error.hint);
    }
  }

  /** Its records are read, then time moves. null: what is given cannot be. */
  private async run(step: PlacedStep): Promise<TrialRun | null> {
    const { clock } = this.trial;
    clock.stand(nowOf(step, clock.now()));
    const given = Object.entries(step.given ?? {});
    for (const [topic, records] of given) if (!(await this.give(topic, records, [...step.path, "given", topic]))) return null;
    if (given.length > 0) this.silentMs = 0;
    const move = moveOf(step, clock.now(), this.silentMs);
    if (move === null) return this.trial.run(false);
    if (given.length > 0 && move.clockMs !== null) await this.trial.run(false);
    clock.stand(null);
    clock.reach(move.clockMs ?? 0);
    if (move.close !== true && "silentMs" in move.close) this.silentMs = move.close.silentMs;
    return this.trial.run(move.close);
  }

  private async check(step: PlacedStep, { errors, statements }: TrialRun): Promise<void> {
    this.checkErrors(step, errors);
    for (const [name, expectation] of Object.entries(step.expect ?? {})) await this.checkTarget(name, expectation, step.path);
    if (step.deadLetters !== undefined) await this.checkDeadLetters(step.deadLetters, [...step.path, "deadLetters"]);
    for (const [name, counts] of Object.entries(step.counts ?? {}))
      this.checkCounts(name, counts, statements, [...step.path, "counts", name]);
  }

  private get plan(): PipelinePlan {
    return must(this.begun, "the pipeline of the test");
  }

  private async give(topic: string, records: readonly GivenRecord[], path: YamlPath): Promise<boolean> {
    const { sources, statements } = this.plan;
    const wanted = this.topicsOf(topic);
    const source = sources.find((one) => wanted.includes(`${one.connection}.${one.topic}`));
    if (source === undefined) return this.giveRows(topic, records, path);
    const shape = topicShape(source, statements, this.catalog);
    const raw = this.each(records, path, (one) => {
      const made = rawRecord(one, shape, this.lastMs);
      this.lastMs = made.timestampMs ?? this.lastMs;
      return made;
    });
    if (raw === null) return false;
    await this.trial.append(source.connection, source.topic, raw);
    return true;
  }

  /** To an index or table in which rows are looked up. */
  private async giveRows(table: string, records: readonly GivenRecord[], path: YamlPath): Promise<boolean> {
    const lookups = lookupsOf(this.plan);
    const { defaultSource } = this.catalog;
    const lookup = lookups.find(({ connection, name }) => [table, `${defaultSource}.${table}`].includes(`${connection}.${name}`));
    if (lookup === undefined) {
      const known = [...this.plan.sources.map((one) => `${one.connection}.${one.topic}`), ...lookups.map(lookupName)].join(", ");
      return this.refuse(path, `the query does not read '${table}'`, `it reads ${known}`);
    }
    const rows = this.each(records, path, (one) => rowOf(one, lookup));
    if (rows === null) return false;
    await this.trial.putRows(lookup, rows);
    return true;
  }

  /** What is made of each record, those of fixtures too. null: one of them is refused. */
  private each<Made>(records: readonly GivenRecord[], path: YamlPath, make: (record: GivenRecord) => Made): readonly Made[] | null {
    const made: Made[] = [];
    for (const [index, record] of records.entries()) {
      const chosen = this.chosen(record, [...path, index]);
      if (chosen === null) return null;
      try {
        for (const one of chosen) made.push(make(one));
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        this.refuse([...path, index], error.message, error.hint);
        return null;
      }
    }
    return made;
  }

  /** As `connection.topic`, what a name may mean: a declared stream, a topic. */
  private topicsOf(name: string): readonly string[] {
    const { defaultSource, streams } = this.catalog;
    const stream = streams.get(name);
    return [...(stream === undefined ? [] : [`${stream.connection}.${stream.topic}`]), name, `${defaultSource}.${name}`];
  }

  /** The record itself, or those of a fixture. */
  private chosen(record: GivenRecord, path: YamlPath): readonly GivenRecord[] | null {
    const { fixture, ...own } = record;
    if (fixture === undefined) return [record];
    const found = this.file.fixtures.get(fixture);
    if (found !== undefined && Object.keys(own).length === 0) return found;
    if (found === undefined)
      this.refuse(path, `there is no fixture '${fixture}'`, `there are ${[...this.file.fixtures.keys()].join(", ") || "none"}`);
    else this.refuse(path, "a fixture stands for whole records; nothing goes beside it", null);
    return null;
  }

  private checkErrors({ errors: expected = [], path }: PlacedStep, actual: readonly ErrorReport[]): void {
    const left = [...actual];
    const problemsBefore = this.problems.length;
    for (const [index, error] of expected.entries()) {
      const found = left.findIndex((report) => isExpectedError(error, report));
      if (found >= 0) left.splice(found, 1);
      else {
        const closest = left[0] === undefined ? "nothing has failed" : `what has failed: ${errorText(left[0])}`;
        this.fail([...path, "errors", index], `no such error: ${rowText(error)}\n${closest}`);
      }
    }
    if (this.problems.length > problemsBefore) return;
    const place = expected.length > 0 ? [...path, "errors"] : path;
    for (const report of left) this.fail(place, `not expected: ${errorText(report)}`, report.hint);
  }

  private async checkTarget(name: string, expectation: Expectation, path: YamlPath): Promise<void> {
    const at = [...path, "expect", name];
    const target = resolveTarget(name, this.plan, this.catalog.defaultSink);
    if ("message" in target) {
      this.refuse(at, target.message, target.hint);
      return;
    }
    const { kind } = target.route;
    const { list, lists, ordered } = readExpectation(expectation, kind === "topic");
    const actual = await this.written.of(target);
    if (lists.length === 0) this.refuse(at, "exactly or contains is wanted, or a list of rows", null);
    for (const { mode, rows } of lists) {
      const pairs = pairRows(rows, actual, { kind, mode, ordered: ordered && mode === "exactly" });
      const listPath = list ? at : [...at, mode];
      if (mode === "exactly" && (!isAsExpected(pairs) || expectation === null))
        this.goldens.push({ path: listPath, kind, expected: rows, actual, pairs });
      if (isAsExpected(pairs)) continue;
      const first = pairs.find((pair) => pair.expected !== null && (pair.actual === null || pair.differences.length > 0))?.expected ?? null;
      this.fail(first === null ? listPath : [...listPath, first], `${name}: ${differenceText(rows, actual, pairs, kind)}`);
    }
  }

  private async checkDeadLetters(expected: readonly WrittenRow[], path: YamlPath): Promise<void> {
    const routes = new Map(
      this.plan.statements.flatMap(({ deadLetterRoute: route }) => (route === null ? [] : [[`${route.connection}.${route.name}`, route]])),
    );
    if (routes.size === 0) {
      this.refuse(path, "the query keeps no dead letters", "SET 'dead.letters' = 'dead_letters';");
      return;
    }
    const letters: WrittenRow[] = [];
    for (const route of routes.values()) {
      const rows = await this.written.of({ route, name: route.name });
      letters.push(...(route.kind === "topic" ? rows.map(({ value }) => value as WrittenRow) : rows));
    }
    const pairs = pairRows(expected, letters, { kind: "index", mode: "contains", ordered: false });
    if (isAsExpected(pairs) && letters.length === expected.length) return;
    const shown = letters.map((letter) => Object.fromEntries(Object.entries(letter).filter(([name]) => SHOWN_OF_LETTERS.has(name))));
    const all = pairRows(expected, shown, { kind: "index", mode: "contains", ordered: false });
    const more = shown.length > expected.length ? `\nthere are ${shown.length}: ${shown.map(rowText).join("\n")}` : "";
    this.fail(path, `dead letters: ${differenceText(expected, shown, all, "index")}${more}`);
  }

  private checkCounts(
    name: string,
    expected: Readonly<Record<string, number>>,
    statements: readonly StatementProgress[],
    path: YamlPath,
  ): void {
    const found = statements.find((statement) => statement.name === name || statement.target === name);
    if (found === undefined) {
      this.refuse(path, `there is no statement '${name}'`, `there are ${statements.map((statement) => statement.name).join(", ")}`);
      return;
    }
    for (const [counter, count] of Object.entries(expected)) {
      const actual = (found.counters as unknown as Readonly<Record<string, number>>)[counter];
      if (actual === undefined)
        this.refuse([...path, counter], `there is no counter '${counter}'`, `there are ${Object.keys(found.counters).join(", ")}`);
      else if (actual !== count) this.fail([...path, counter], `${name}: ${counter} is ${actual}, not ${count}`);
    }
  }

  private fail(path: YamlPath, message: string, hint: string | null = null): void {
    this.problems.push({ place: this.file.source.place(path), code: "ASSERTION_FAILED", message, hint });
  }

  private refuse(path: YamlPath, message: string, hint: string | null): false {
    this.problems.push(invalid(this.file.source, path, message, hint));
    return false;
  }
}

const SHOWN_OF_LETTERS: ReadonlySet<string> = new Set([
  "statement",
  "topic",
  "partition",
  "offset",
  "step",
  "code",
  "error",
  "key",
  "value",
]);
