import { type BoundPipeline, type BoundSource, inputsOf } from "../../model/statement.ts";
import type { RowTest, RowTestFile } from "./read-row-tests.ts";
import type { GivenRecord } from "./row-test-schema.ts";

/**
 * By `connection.topic`, how many partitions the records of a test ask for, in all of its steps; topics that are joined have equally many.
 * `meant`: what a name of the test may stand for.
 */
export function topicPartitions(
  { statements }: BoundPipeline,
  { steps }: RowTest,
  { fixtures }: RowTestFile,
  meant: (name: string) => readonly string[],
): ReadonlyMap<string, number> {
  const joined = statements.map((statement) => inputsOf(statement).map(topicOf));
  const known = new Set(joined.flat());
  const asked = new Map<string, number>();
  for (const [name, records] of steps.flatMap(({ given = {} }) => Object.entries(given))) {
    const topic = meant(name).find((one) => known.has(one));
    if (topic !== undefined) asked.set(topic, Math.max(asked.get(topic) ?? 1, ...records.map((record) => countOf(record, fixtures))));
  }
  for (const topics of joined) {
    const most = Math.max(1, ...topics.map((topic) => asked.get(topic) ?? 1));
    for (const topic of topics) asked.set(topic, most);
  }
  return asked;
}

function countOf({ fixture, partition = 0 }: GivenRecord, fixtures: RowTestFile["fixtures"]): number {
  const records = fixture === undefined ? [] : (fixtures.get(fixture) ?? []);
  return 1 + Math.max(partition, ...records.map((record) => record.partition ?? 0));
}

function topicOf({ connection, topic }: BoundSource): string {
  return `${connection}.${topic}`;
}
