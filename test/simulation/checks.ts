import { compactionFindings } from "./compaction.ts";
import { contentsOf, firstTimes, type Letter, lettersOf } from "./contents.ts";
import type { Item } from "./items.ts";
import { partialFindings } from "./partials.ts";
import { CHAIN, MAIN } from "./scenario.ts";
import { isInternal, isRefused } from "./sim-sinks.ts";
import type { Simulation } from "./simulation.ts";
import type { Document } from "./statement-parts.ts";
import type { Counts, Met, SourceName, Workload } from "./workload.ts";

/** All that is against the laws after a run; empty: none is. */
export function findings(simulation: Simulation): readonly string[] {
  const { watch, last, stateLogs, broker } = simulation;
  // The run ended there.
  if (watch.violations.length > 0) return watch.violations;
  const failed = last.flatMap((message) =>
    message.kind === "failed" ? [`the last run of ${message.pipeline} failed: ${message.error.code} ${message.error.message}`] : [],
  );
  return [
    ...failed,
    ...simulation.workloads.flatMap((workload) => ofWorkload(simulation, workload)),
    ...ofChain(simulation),
    ...[...broker.topics.values()].filter(({ name }) => isInternal(name)).flatMap(partialFindings),
    ...[...stateLogs.partitions].flatMap(([name, partition]) => compactionFindings(name, partition)),
  ];
}

function ofWorkload(simulation: Simulation, workload: Workload): readonly string[] {
  const { name, statement, target, hasKeyIds, isStream } = workload;
  const expected = workload.expect((source) => metRecords(simulation, source));
  const lost = hasKeyIds && target !== "topic";
  const isLost = ({ device }: Document): boolean => lost && isRefused(String(device));
  const documents = expected.documents.filter((document) => !isLost(document));
  const letters = lettersOf(simulation, MAIN).filter((letter) => letter.statement === statement);
  return [
    ...differences(
      name,
      documents.map((document) => canonical(document)),
      contentsOf(simulation, target, name, isStream).map(canonicalText),
    ),
    ...countDifferences(simulation, MAIN, statement, expected.counts),
    ...(expected.dead === null ? [] : differences(`${name}'s dead letters`, expected.dead, unread(letters))),
    ...differences(
      `${name}'s dead letters of refused rows`,
      expected.documents.filter(isLost).map((document) => canonical(document)),
      refusedRows(letters),
    ),
  ];
}

/** Partition and offset of the dead letters that say that a record could not be read. */
function unread(letters: readonly Letter[]): readonly string[] {
  return letters.filter(({ step }) => step === "read").map(({ partition, offset }) => `${partition} ${offset}`);
}

/** What the target would have, had it taken what it refused: of each id the latest version. */
function refusedRows(letters: readonly Letter[]): readonly string[] {
  const latest = new Map<string, Letter>();
  for (const letter of letters) {
    if (letter.step !== "read" && letter.version > (latest.get(letter.step)?.version ?? 0)) latest.set(letter.step, letter);
  }
  return [...latest.values()].flatMap(({ document }) => (typeof document === "string" ? [canonicalText(document)] : []));
}

/** The source as the statements of the main pipeline meet it. */
function metRecords({ scenario, broker, watch }: Simulation, source: SourceName): readonly (readonly Met[])[] {
  const logs = broker.topic(source).partitions.map(({ records }) => [...records]);
  const met: Met[][] = logs.map(() => []);
  const refused = watch.refused(MAIN);
  for (const item of scenario.records[source] as readonly Item[]) {
    const { partition } = item;
    const record = logs[partition]?.shift();
    if (record === undefined) throw new Error("a record was not written");
    const { offset } = record;
    met[partition]?.push({ ...item, offset, isRefused: refused.has(`${source} ${partition} ${offset}`) });
  }
  return met;
}

/** What the persister has stored, against what it has read: whatever that is, it counts each of them once. */
function ofChain(simulation: Simulation): readonly string[] {
  const { scenario, broker } = simulation;
  return scenario.chained.flatMap(({ from, to, target }) => {
    const partitions = broker.topics.get(from.name)?.partitions ?? [];
    const groups = new Map<string, number>();
    let repeats = 0;
    let applied = 0;
    for (const { records } of partitions) {
      const fresh = firstTimes(records);
      repeats += records.length - fresh.length;
      applied += fresh.length;
      for (const { key } of fresh) groups.set(String(key), (groups.get(String(key)) ?? 0) + 1);
    }
    const documents = [...groups].filter(([device]) => !isRefused(device)).map(([device, n]) => canonical({ device, n }));
    const counts = { in: applied + repeats, applied, filtered: repeats, late: 0, deadLettered: 0 };
    return [
      ...differences(to, documents, contentsOf(simulation, target, to, false).map(canonicalText)),
      ...countDifferences(simulation, CHAIN, to, counts),
    ];
  });
}

function countDifferences({ last }: Simulation, pipeline: string, statement: string, expected: Counts): readonly string[] {
  const message = last.find((one) => one.pipeline === pipeline);
  if (message?.kind !== "done") return [];
  const counters = message.statements.find(({ name }) => name === statement)?.counters;
  const { applied, filtered, late, deadLettered, in: taken } = counters ?? NOTHING;
  const found: Counts = { in: taken, applied, filtered, late, deadLettered };
  const text = JSON.stringify(found);
  return text === JSON.stringify(expected) ? [] : [`${statement} counted ${text}, not ${JSON.stringify(expected)}`];
}

const NOTHING: Counts = { in: -1, applied: 0, filtered: 0, late: 0, deadLettered: 0 };

function differences(name: string, expected: readonly string[], found: readonly string[]): readonly string[] {
  const missing = minus(expected, found);
  const surplus = minus(found, expected);
  const some = (texts: readonly string[]): string => `${texts.length}, such as ${texts.slice(0, 3).join(" ")}`;
  return [
    ...(missing.length === 0 ? [] : [`${name} lacks ${some(missing)}`]),
    ...(surplus.length === 0 ? [] : [`${name} has too much: ${some(surplus)}`]),
  ];
}

function minus(all: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const text of others) left.set(text, (left.get(text) ?? 0) + 1);
  return all.filter((text) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}

/** In the order of names, without nulls, which a table does not keep; doubles in twelve digits. */
function canonical(document: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(document).filter((name) => document[name] !== null);
  const ordered = Object.fromEntries(names.sort().map((name) => [name, document[name]]));
  return JSON.stringify(ordered, (_, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(12)) : value));
}

const canonicalText = (text: string): string => canonical(JSON.parse(text) as Record<string, unknown>);
