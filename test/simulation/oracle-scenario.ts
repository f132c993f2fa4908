import { must } from "../../src/assert.ts";
import { randomCase } from "../oracle/case-generator.ts";
import { type Feature, featuresOf, runs } from "../oracle/features.ts";
import { relationsOf, sqlOf } from "../oracle/print-sql.ts";
import { type Expected as OracleExpected, recompute } from "../oracle/reference.ts";
import { documentOf } from "../oracle/reference-input.ts";
import { refusalOf } from "../oracle/run-case.ts";
import type { CaseSpec, SourceSpec, StatementSpec } from "../oracle/spec.ts";
import { SeededRandom } from "../property/random.ts";
import type { Written } from "./items.ts";
import type { Matter } from "./scenario.ts";
import type { Workload } from "./workload.ts";

/** As the oracle takes it, too. */
const AHEAD_MS = 600_000;

/** Cases of the language's oracle, as far as they do not depend on which of two topics was written first. */
export function oracleScenario(seed: number, lengthMs: number): Matter {
  const made = randomCase(seed, { statements: 1 + (seed % 3), accepts: (statement, sources) => isFit(statement, sources) });
  const given: CaseSpec = { ...made, runs: [made.sources.map(({ records }) => records.length)], closes: true };
  const random = new SeededRandom(seed ^ 0x2545f491);
  const expected = recompute(given);
  return {
    records: Object.fromEntries(given.sources.map((source) => [source.name, writtenOf(source, random, lengthMs)])),
    partitions: must(given.sources[0]).partitions,
    aheadMs: AHEAD_MS,
    areTimesUncertain: false,
    workloads: given.statements.flatMap((statement) => workloadsOf(statement, given, must(expected.get(statement.name)))),
    sqlOf: (some) =>
      addressed(
        given,
        given.statements.filter((statement) => some.some(({ statement: name }) => name === `${statement.name}#1`)),
      ),
    added: null,
    chained: [],
  };
}

/** The text, with topics named by their connection: other targets are those of the default sink. */
function addressed(given: CaseSpec, statements: readonly StatementSpec[]): string {
  const topics = statements.flatMap(({ name, into, lateInto }) => [
    ...(into === "topic" ? [name] : []),
    ...(lateInto === null ? [] : [lateInto]),
  ]);
  return sqlOf(given, statements).replace(/\bINTO (\w+)/g, (all, name: string) => (topics.includes(name) ? `INTO bus.${name}` : all));
}

/** Processing time: when each record is first read, chance says. */
const LEFT_OUT: ReadonlySet<Feature> = new Set<Feature>(["processing time"]);

function isFit(statement: StatementSpec, sources: readonly SourceSpec[]): boolean {
  const isRead = relationsOf(statement).every((name) => sources.some((source) => source.name === name) || isStage(statement, name));
  const isMerged = [statement.select, ...statement.union, ...statement.stages.map(({ select }) => select)].some(
    ({ join }) => join !== null,
  );
  if (!isRead || isMerged || !featuresOf(statement, sources).every((feature) => runs(feature) && !LEFT_OUT.has(feature))) return false;
  return refusalOf({ sources, statements: [statement], runs: [], closes: true }, statement) === null;
}

const isStage = ({ stages }: StatementSpec, name: string): boolean => stages.some((stage) => stage.name === name);

/** In the order of the case, over the whole time. */
function writtenOf({ records, columns }: SourceSpec, random: SeededRandom, lengthMs: number): readonly Written[] {
  let atMs = 0;
  return records.map((record) => {
    atMs = Math.min(lengthMs, atMs + random.pick([0, 0, 1, 2, 4]) * (lengthMs / records.length / 1.4));
    const { partition, key, timestampMs } = record;
    return { partition, key, timestampMs, text: documentOf(record, columns), hole: random.chance(0.1) ? 1 + random.below(3) : 0, atMs };
  });
}

/** The statement's own target, and that of its late records. */
function workloadsOf(statement: StatementSpec, given: CaseSpec, { rows, counters, late }: OracleExpected): readonly Workload[] {
  const { name, into, lateInto, emit } = statement;
  const common = {
    isSpaced: emit?.mode === "every",
    statement: `${name}#1`,
    hasKeyIds: false,
    isStream: true,
    isChained: false,
    sql: addressed(given, [statement]),
  };
  const expected = { documents: rows, counts: counters, dead: null };
  const own: Workload = { ...common, name, target: into === "topic" ? "topic" : "index", expect: () => expected };
  if (lateInto === null) return [own];
  const columns = given.sources.find((source) => source.name === "s")?.columns ?? [];
  const documents = late.map((record) => JSON.parse(documentOf(record, columns) ?? "null") as Readonly<Record<string, unknown>>);
  return [own, { ...common, name: lateInto, target: "topic", expect: () => ({ ...expected, documents }) }];
}
