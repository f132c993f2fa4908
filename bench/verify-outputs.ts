import { must } from "../src/assert.ts";
import type { Source } from "../src/ports/source.ts";
import { Digest, type Fingerprint } from "./data/digest.ts";
import { consult, rowTexts } from "./data/oracle.ts";
import type { ReadingsOptions } from "./data/readings.ts";
import type { Closing } from "./data/window-oracles.ts";
import { openSource } from "./kafka.ts";
import { readBack } from "./read-back.ts";
import { type Output, outputsOf, type WorkloadName } from "./workloads.ts";

const known = new Map<string, readonly Fingerprint[]>();

/** What the outputs of a workload must hold, in their order. */
export function expectedOf(
  workload: WorkloadName,
  options: ReadingsOptions,
  closing: Closing = { closesAll: false },
): readonly Fingerprint[] {
  const key = JSON.stringify([workload, options, closing]);
  const found =
    known.get(key) ??
    consult(
      options,
      outputsOf(workload).map(({ oracle }) => oracle(options, closing)),
    );
  known.set(key, found);
  return found;
}

type Written = Pick<Output, "topic" | "isUpdated">;

/** Reads topics back; rejects where one of them does not hold what the readings give, to the last digit. */
export async function verifyTopics(broker: string, outputs: readonly Written[], expected: readonly Fingerprint[]): Promise<void> {
  const { source, close } = openSource(broker);
  try {
    for (const [index, output] of outputs.entries()) {
      compareFingerprints(output.topic, await fingerprint(source, output), must(expected[index]));
    }
  } finally {
    await close();
  }
}

/** Rejects where a topic does not hold what it must. */
export function compareFingerprints(topic: string, found: Fingerprint, wanted: Fingerprint): void {
  if (found.rows === wanted.rows && found.digest === wanted.digest) return;
  throw new Error(`${topic} holds ${described(found)}, not ${described(wanted)}`);
}

const described = ({ rows, digest }: Fingerprint): string => `${rows} rows with digest ${digest}`;

async function fingerprint(source: Source, { topic, isUpdated }: Written): Promise<Fingerprint> {
  const digest = new Digest();
  const latest = new Map<string, string>();
  for await (const { value } of readBack(source, topic)) {
    for (const row of rowTexts(JSON.parse(must(value)) as Record<string, unknown>)) {
      if (isUpdated) latest.set(row.split("|", 2).join("|"), row);
      else digest.add(row);
    }
  }
  for (const row of latest.values()) digest.add(row);
  return digest.fingerprint();
}
