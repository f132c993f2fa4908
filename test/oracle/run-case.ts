import { setTimeout } from "node:timers/promises";
import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { type AnalyzedPipeline, analyzePipeline } from "../../src/analyze/analyze-pipeline.ts";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { NO_CONFIG } from "../../src/project/config.ts";
import type { Project } from "../../src/project/project.ts";
import { Trial } from "../../src/project/row-tests/trial.ts";
import type { Environment } from "../../src/runtime/environment.ts";
import type { StatementProgress } from "../../src/runtime/protocol.ts";
import { type LogRecord, readToEnd } from "../conformance/read-log.ts";
import { SeededRandom } from "../property/random.ts";
import { relationsOf, sqlOf } from "./print-sql.ts";
import type { Document } from "./reference.ts";
import { documentOf } from "./reference-input.ts";
import type { CaseSpec, StatementSpec } from "./spec.ts";

const PROJECT: Project = {
  root: "/",
  dataDirectory: "/",
  config: NO_CONFIG,
  catalog: {
    connections: new Map([["embedded", { name: "embedded", kind: "embedded", as: "embedded" }]]),
    defaultSource: "embedded",
    defaultSink: "embedded",
    streams: new Map(),
  },
  variables: {},
  catalogFile: null,
};

/** What a statement came to in the real runtime. */
export interface Found {
  readonly rows: readonly Document[];
  readonly late: readonly Document[];
  readonly counters: StatementProgress["counters"];
}

export interface Ran {
  readonly statements: ReadonlyMap<string, Found>;
  /** What stopped statements; there should be nothing. */
  readonly errors: readonly string[];
}

function analyzed(given: CaseSpec, statements: readonly StatementSpec[], settings = ""): AnalyzedPipeline & { readonly sql: string } {
  const sql = settings + sqlOf(given, statements);
  return { ...analyzePipeline(parse(sql), { name: "p", catalog: PROJECT.catalog }), sql };
}

/** Why a statement does not run: it is not built yet, or (then what is said about it) it is refused; null: it does. */
export function refusalOf(given: CaseSpec, statement: StatementSpec): { readonly isUnbuilt: boolean; readonly text: string } | null {
  const { pipeline, diagnostics, sql } = analyzed(given, [statement]);
  if (pipeline !== null) return null;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return {
    isUnbuilt: errors.every(({ code }) => code === "NOT_SUPPORTED_YET"),
    text: errors.map((diagnostic) => renderDiagnostic(sql, diagnostic, {})).join("\n"),
  };
}

/** Those that read what others write are pipelines behind theirs. */
function levelsOf({ statements }: CaseSpec): readonly (readonly StatementSpec[])[] {
  const levels = new Map<string, number>();
  for (const statement of statements) {
    const upstream = relationsOf(statement).map((name) => levels.get(name) ?? -1);
    levels.set(statement.name, Math.max(-1, ...upstream) + 1);
  }
  const count = Math.max(0, ...levels.values()) + 1;
  return Array.from({ length: count }, (_, level) => statements.filter(({ name }) => levels.get(name) === level));
}

const ROWS_MAX = LIMITS.batchRowsMax;
const CHANGES_MAX = LIMITS.barrierChangesMax;

/**
 * Runs a case on an embedded store in memory: every run is a process of its own on the same store. `cuts` is the seed of how the
 * log is cut into batches, of the order in which partitions are written, of how often state is kept, and of which runs are killed and
 * begun again.
 */
export async function runCase(given: CaseSpec, cuts: number): Promise<Ran> {
  const random = new SeededRandom(cuts);
  const trial = new Trial(PROJECT);
  const death = new Death();
  Object.assign(trial.environment, { openConnection: death.over(trial.environment.openConnection) });
  const errors: string[] = [];
  const progress = new Map<string, StatementProgress>();
  try {
    for (const { name, partitions } of given.sources)
      await must((await trial.connection("embedded")).source).createTopic(name, { partitions });
    const settings = `SET 'commit.interval' = ${random.pick([1, 20, 1000])};\n`;
    for (const [level, statements] of levelsOf(given).entries()) {
      const { pipeline, diagnostics } = analyzed(given, statements, settings);
      if (pipeline === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
      await trial.add({ ...pipeline, name: `p${level}` });
    }
    const every = given.statements.flatMap(({ name, emit }) => (emit?.mode === "every" ? [`${name}#1`] : []));
    // Repeats in what others write are counted as filtered.
    const mayDie = levelsOf(given).length === 1;
    let before = given.sources.map(() => 0);
    for (const [run, counts] of given.runs.entries()) {
      await append(given, { before, counts, trial, random });
      before = [...counts];
      Object.assign(LIMITS, { batchRowsMax: random.pick([1, 2, 3, 7, 50, ROWS_MAX]), barrierChangesMax: random.pick([1, 5, CHANGES_MAX]) });
      const isLast = run === given.runs.length - 1;
      const held = isLast ? [] : every.filter(() => random.chance(0.5));
      const kills = mayDie && random.chance(0.3) ? 1 + random.below(2) : 0;
      for (let kill = 0; kill < kills; kill++) {
        death.comesIn(random.below(6));
        await inTime(trial.run(given.closes && isLast, held));
      }
      death.comesIn(Number.POSITIVE_INFINITY);
      const ran = await inTime(trial.run(given.closes && isLast, held));
      errors.push(...ran.errors.map(({ statement, message }) => `${statement}: ${message}`));
      for (const statement of ran.statements) progress.set(statement.name, statement);
    }
    const connection = await trial.connection("embedded");
    const found = new Map<string, Found>();
    for (const statement of given.statements) found.set(statement.name, await read(statement, connection, progress));
    return { statements: found, errors };
  } finally {
    Object.assign(LIMITS, { batchRowsMax: ROWS_MAX, barrierChangesMax: CHANGES_MAX });
    await trial.close();
  }
}

/** Comes behind so many pieces of state: what was written to targets since then is not known to have been. */
class Death {
  private left = Number.POSITIVE_INFINITY;

  comesIn(appends: number): void {
    this.left = appends;
  }

  over(open: Environment["openConnection"]): Environment["openConnection"] {
    return async (...where) => {
      const connection = await open(...where);
      const openStateLog = connection.openStateLog.bind(connection);
      return Object.assign(connection, {
        openStateLog: (pipeline: string, partitions: number) =>
          openStateLog(pipeline, partitions)?.then((log) => {
            const append = log.append.bind(log);
            return Object.assign(log, {
              append: async (...entries: Parameters<typeof append>): Promise<void> => {
                if (this.left-- <= 0) throw new Error("killed");
                await append(...entries);
              },
            });
          }) ?? null,
      });
    };
  }
}

/** Less than what is under way may take once a run has come to its end. */
const RUN_MS_MAX = 50_000;

/** A run that does not end is an answer too. */
async function inTime<T>(running: Promise<T>): Promise<T> {
  const patience = new AbortController();
  const silence = setTimeout(RUN_MS_MAX, null, { signal: patience.signal }).then(() => {
    throw new Error(`the run does not end in ${RUN_MS_MAX} ms`);
  });
  silence.catch(() => {});
  try {
    return await Promise.race([running, silence]);
  } finally {
    patience.abort();
  }
}

interface Appending {
  readonly before: readonly number[];
  readonly counts: readonly number[];
  readonly trial: Trial;
  readonly random: SeededRandom;
}

/** In pieces, each of which is a record batch of each partition. */
async function append({ sources }: CaseSpec, { before, counts, trial, random }: Appending): Promise<void> {
  const source = must((await trial.connection("embedded")).source);
  for (const [index, { name, records, columns }] of sources.entries()) {
    for (let from = before[index] ?? 0; from < (counts[index] ?? 0); ) {
      const to = Math.min(counts[index] ?? 0, from + 1 + random.below(random.pick([3, 60])));
      const raw = records.slice(from, to).map((record): RawRecord => {
        const value = documentOf(record, columns);
        return {
          key: record.key === null ? null : Buffer.from(record.key),
          value: value === null ? null : Buffer.from(value),
          timestampMs: record.timestampMs,
          partition: record.partition,
        };
      });
      await source.append(name, raw);
      from = to;
    }
  }
}

async function read(statement: StatementSpec, connection: Connection, progress: ReadonlyMap<string, StatementProgress>): Promise<Found> {
  const { name, into, lateInto } = statement;
  return {
    rows: into === "topic" ? await topic(connection, name) : await table(connection, name),
    late: lateInto === null ? [] : await topic(connection, lateInto),
    counters: must(progress.get(`${name}#1`), `${name} among ${[...progress.keys()].join(", ")}`).counters,
  };
}

async function topic(connection: Connection, name: string): Promise<readonly Document[]> {
  const source = must(connection.source);
  if ((await source.describeTopic(name)) === null) return [];
  const records = firstTimes(await readToEnd(source, name));
  return records.flatMap(({ value }) => (value === null ? [] : [JSON.parse(value) as Document]));
}

/** What is written again behind a restart stands no higher than what its origin wrote before. */
function firstTimes(records: readonly LogRecord[]): readonly LogRecord[] {
  const reached = new Map<string, readonly [offset: number, ordinal: number]>();
  return records.filter(({ headers }) => {
    const mark = headers.find(([name]) => name === "sluice")?.[1]?.toString() ?? "";
    const [, partition, offset, ordinal, origin] = /^s\|\d+\|(\d+)\|(\d+)\.(\d+)\|(.*)$/s.exec(mark) ?? [];
    if (partition === undefined) return true;
    const key = `${partition} ${origin}`;
    const [lastOffset, lastOrdinal] = reached.get(key) ?? [-1, -1];
    const isHigher = Number(offset) > lastOffset || (Number(offset) === lastOffset && Number(ordinal) > lastOrdinal);
    if (isHigher) reached.set(key, [Number(offset), Number(ordinal)]);
    return isHigher;
  });
}

async function table(connection: Connection, name: string): Promise<readonly Document[]> {
  const rows: Document[] = [];
  for await (const { bytes, count, valueStarts, valueEnds } of connection.readTable(name, new AbortController().signal) ?? [])
    for (let row = 0; row < count; row++) rows.push(JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as Document);
  return rows;
}
