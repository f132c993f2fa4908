import { must } from "../src/assert.ts";
import { LIMITS } from "../src/limits.ts";
import type { Source } from "../src/ports/source.ts";
import { Digest, type Fingerprint } from "./data/digest.ts";
import { consult, rowText } from "./data/oracle.ts";
import type { ReadingsOptions } from "./data/readings.ts";
import { openSource } from "./kafka.ts";
import { type Output, outputsOf, type WorkloadName } from "./workloads.ts";

const known = new Map<string, readonly Fingerprint[]>();

/** What the outputs of a workload must hold, in their order. */
export function expectedOf(workload: WorkloadName, options: ReadingsOptions): readonly Fingerprint[] {
  const key = JSON.stringify([workload, options]);
  const found =
    known.get(key) ??
    consult(
      options,
      outputsOf(workload).map(({ oracle }) => oracle(options)),
    );
  known.set(key, found);
  return found;
}

/** Reads the outputs back; rejects where one of them does not hold what the readings give, to the last digit. */
export async function verifyOutputs(broker: string, workload: WorkloadName, options: ReadingsOptions): Promise<void> {
  const expected = expectedOf(workload, options);
  const { source, close } = openSource(broker);
  try {
    for (const [index, output] of outputsOf(workload).entries()) {
      const found = await fingerprint(source, output);
      const wanted = must(expected[index]);
      if (found.rows === wanted.rows && found.digest === wanted.digest) continue;
      throw new Error(`${output.topic} holds ${described(found)}, not ${described(wanted)}`);
    }
  } finally {
    await close();
  }
}

const described = ({ rows, digest }: Fingerprint): string => `${rows} rows with digest ${digest}`;

async function fingerprint(source: Source, { topic, isUpdated }: Output): Promise<Fingerprint> {
  const { partitions } = must(await source.describeTopic(topic), topic);
  const digest = new Digest();
  const latest = new Map<string, string>();
  for (let partition = 0; partition < partitions; partition++) {
    for await (const value of values(source, topic, partition)) {
      const row = rowText(JSON.parse(value) as Record<string, unknown>);
      if (isUpdated) latest.set(row.split("|", 2).join("|"), row);
      else digest.add(row);
    }
  }
  for (const row of latest.values()) digest.add(row);
  return digest.fingerprint();
}

async function* values(source: Source, topic: string, partition: number): AsyncGenerator<string> {
  const reader = source.openPartition(topic, partition);
  const { startOffset, endOffset } = await source.bounds(topic, partition);
  const signal = new AbortController().signal;
  for (let offset = startOffset; offset < endOffset; ) {
    const { batches, nextOffset, release } = await reader.fetch({
      offset,
      maxBytes: LIMITS.fetchBytesMax,
      waitMs: LIMITS.fetchWaitMs,
      signal,
    });
    for (const { bytes, count, valueStarts, valueEnds } of batches) {
      for (let i = 0; i < count; i++) yield bytes.toString("latin1", must(valueStarts[i]), must(valueEnds[i]));
    }
    release?.();
    offset = nextOffset;
  }
  await reader.close();
}
