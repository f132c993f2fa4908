import { must } from "../../src/assert.ts";
import { nexmarkOptions, nexmarkPrefix, nexmarkTopic } from "../data/data-sets.ts";
import { Digest, type Fingerprint } from "../data/digest.ts";
import { PARTITIONS } from "../data/readings.ts";
import { openSource } from "../kafka.ts";
import { plainRow, rowText } from "../nexmark/compare-rows.ts";
import type { EventKind, NexmarkEvents } from "../nexmark/events.ts";
import { allEvents } from "../nexmark/generate.ts";
import { type NexmarkQuery, ownTopics, pipelineTexts } from "../nexmark/queries.ts";
import { catalogText, STREAMS } from "../nexmark/topics.ts";
import { readBack } from "../read-back.ts";
import type { Figures, RunContext } from "../run.ts";
import { createTopics, deleteTopics } from "../topics.ts";
import { compareFingerprints } from "../verify-outputs.ts";
import { runJava } from "./peers.ts";
import { deleteState, type PipelineResult, runPipeline, sumOf } from "./run-pipeline.ts";

/** A query of Nexmark, from the beginning of its topics to their ends, where windows that are open are closed. */
export async function runNexmark(context: RunContext, query: NexmarkQuery): Promise<Figures> {
  const { broker, messages, verify } = context;
  const { name, layout, id, reads } = query;
  const own = ownTopics(query);
  const clean = async (): Promise<void> => {
    await deleteTopics(broker.address, (topic) => topic === name || own.some((each) => each.name === topic));
    await deleteState(broker.address);
  };
  await clean();
  for (const topic of [{ name, partitions: PARTITIONS }, ...own]) await createTopics(broker.address, [topic.name], topic.partitions);
  try {
    const prefix = nexmarkPrefix(layout, messages);
    const project = { name, folder: `${prefix}${name}`, catalog: catalogText(layout, PARTITIONS, prefix), close: true };
    const results: PipelineResult[] = [];
    for (const text of pipelineTexts(query)) results.push(await runPipeline(context, { ...project, text }));
    const { statements } = must(results.at(-1));
    const { written } = must(statements.at(-1));
    const expected = expectedOf(query, messages);
    const isRight = id === null ? written === expected.rows : written >= expected.rows;
    if (!isRight) throw new Error(`${name}: ${written} rows written, not ${expected.rows}`);
    if (verify) await verifyTopic(context, name, query);
    return { ...sumOf(results.map(({ figures }) => figures)), messages: recordsOf(messages, reads), results: written };
  } finally {
    await clean();
  }
}

export function runNexmarkInFlink(context: RunContext, query: NexmarkQuery): Promise<Figures> {
  const { messages, verify } = context;
  const { name, layout, reads } = query;
  const topics = reads.map((kind) => `${STREAMS[kind]}=${nexmarkTopic(layout, messages, kind)}`);
  return runJava(context, "flink-1.20", ["--workload", `nexmark-${name}`, "--topics", topics.join(",")], async (report) => {
    const records = recordsOf(messages, reads);
    if (report.messages !== records) throw new Error(`${report.messages} records read, not ${records}`);
    const { rows } = expectedOf(query, messages);
    if (report.results !== rows) throw new Error(`${report.results} rows written, not ${rows}`);
    if (verify) await verifyTopic(context, `peer-${name}`, { ...query, id: null });
  });
}

let events: { readonly messages: number; readonly all: NexmarkEvents } | null = null;

function eventsOf(messages: number): NexmarkEvents {
  if (events?.messages !== messages) events = { messages, all: allEvents(nexmarkOptions(messages)) };
  return events.all;
}

function recordsOf(messages: number, reads: readonly EventKind[]): number {
  const { persons, auctions, bids } = eventsOf(messages);
  const counts = { person: persons.length, auction: auctions.length, bid: bids.length };
  return reads.reduce((sum, kind) => sum + counts[kind], 0);
}

const known = new Map<string, Fingerprint>();

function expectedOf({ name, expected }: NexmarkQuery, messages: number): Fingerprint {
  const key = `${name} ${messages}`;
  const found = known.get(key) ?? fingerprintOf(expected(eventsOf(messages)).map(rowText));
  known.set(key, found);
  return found;
}

function fingerprintOf(rows: Iterable<string>): Fingerprint {
  const digest = new Digest();
  for (const row of rows) digest.add(row);
  return digest.fingerprint();
}

/** Reads a topic back; rejects where it does not hold what the events give. Of records with one key the last one counts, where rows change. */
async function verifyTopic({ broker, messages }: RunContext, topic: string, query: NexmarkQuery): Promise<void> {
  const { source, close } = openSource(broker.address);
  try {
    const rows = new Map<string, string>();
    for await (const { key, value } of readBack(source, topic)) {
      const place = query.id === null ? String(rows.size) : must(key);
      if (value === null) rows.delete(place);
      else rows.set(place, rowText(plainRow(JSON.parse(value) as Record<string, unknown>)));
    }
    compareFingerprints(topic, fingerprintOf(rows.values()), expectedOf(query, messages));
  } finally {
    await close();
  }
}
