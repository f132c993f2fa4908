import { LIMITS } from "../limits.ts";
import { decodeHeaders } from "../model/record-headers.ts";
import type { PipelinePlan } from "../plan/pipeline-plan.ts";
import type { RawRecord, Source } from "../ports/source.ts";
import type { LiveConnections } from "../project/live/live-connections.ts";
import { readPartition } from "../project/read-partition.ts";
import { bytesOfText } from "../runtime/dead-letter.ts";
import { asked, type FoundLetter, findDeadLetters, type LetterFilter, redrivenRecord } from "./dead-letters.ts";

export interface Redriven {
  /** Records that were put back. */
  readonly records: number;
  /** Dead letters that were marked: several may be of one record. */
  readonly letters: number;
  /** Letters whose record is not in its topic any more, and not in the letter either. */
  readonly gone: number;
  /** Letters of results of an aggregate: their records were counted, and would be again. */
  readonly counted: number;
  /** Letters that are left for another call. */
  readonly left: number;
}

/**
 * Puts the records of dead letters back onto the topics that they came from, the oldest first, and marks the letters. All that
 * reads those topics gets them. After a crash between the two a record may be put back once more. Rejects as connections do.
 */
export async function redrive(
  plan: PipelinePlan,
  filter: Omit<LetterFilter, "redriven">,
  limit: number,
  live: LiveConnections,
  nowMs: number,
): Promise<Redriven> {
  const found = [...(await findDeadLetters(plan, { ...filter, redriven: false }, live))].reverse();
  const counted = found.filter(isCounted);
  const open = found.filter((one) => !isCounted(one));
  const byRecord = Map.groupBy(open, ({ writer, letter }) =>
    JSON.stringify([writer.statement.source.connection, letter.topic, letter.partition, letter.offset]),
  );
  const chosen = [...byRecord.values()].slice(0, limit);
  let [records, letters, gone] = [0, 0, 0];
  for (const ofRecord of chosen) {
    const [first] = ofRecord as [FoundLetter];
    const { connection } = first.writer.statement.source;
    const isBack = await asked(live, connection, ({ source }) => putBack(source as Source, ofRecord, nowMs));
    if (!isBack) {
      gone += ofRecord.length;
      continue;
    }
    records++;
    for (const one of ofRecord) {
      await asked(live, one.keptIn.connection, ({ source }) => (source as Source).append(one.keptIn.name, [redrivenRecord(one, nowMs)]));
      letters++;
    }
  }
  const left = [...byRecord.values()].slice(limit).flat().length;
  return { records, letters, gone, counted: counted.length, left };
}

/** What an aggregate could read is in its state. */
function isCounted({ letter, writer }: FoundLetter): boolean {
  return letter.step !== "read" && writer.statement.aggregated;
}

/** false: the record is not there any more. */
async function putBack(source: Source, letters: readonly FoundLetter[], nowMs: number): Promise<boolean> {
  const whole = letters.find(({ letter }) => letter.step === "read");
  const [first] = letters as [FoundLetter];
  const record = whole === undefined ? await original(source, first) : keptRecord(whole, nowMs);
  if (record === null) return false;
  const { topic, partition } = first.letter;
  await source.append(topic, [{ ...record, partition }]);
  return true;
}

/** A letter of a record that could not be read has all of it. */
function keptRecord({ letter: { key, value, headers, at } }: FoundLetter, nowMs: number): RawRecord {
  const block = headers === null ? null : Buffer.from(headers, "base64");
  return {
    key: bytesOfText(key),
    value: bytesOfText(value),
    timestampMs: at === null ? nowMs : Date.parse(at),
    ...(block === null ? {} : { headers: decodeHeaders(block, 0, block.length) }),
  };
}

/** The record at the letter's place; null: it is gone, or another one is there since the topic was made again. */
async function original(source: Source, { letter: { topic, partition, offset, at } }: FoundLetter): Promise<RawRecord | null> {
  const { startOffset, endOffset } = await source.bounds(topic, partition);
  if (offset < startOffset || offset >= endOffset) return null;
  const range = { from: offset, to: offset + 1, signal: AbortSignal.timeout(LIMITS.deadLettersMsMax) };
  for await (const slices of readPartition(source, topic, partition, range)) {
    for (let row = 0; row < slices.count; row++) {
      if (slices.offsets[row] !== offset) continue;
      const timestampMs = slices.timestampsMs[row] as number;
      if (new Date(timestampMs).toJSON() !== at) return null;
      const part = (starts: Int32Array, ends: Int32Array): Buffer | null =>
        (starts[row] as number) < 0 ? null : Buffer.from(slices.bytes.subarray(starts[row], ends[row]));
      return {
        key: part(slices.keyStarts, slices.keyEnds),
        value: part(slices.valueStarts, slices.valueEnds),
        timestampMs,
        headers: decodeHeaders(slices.bytes, slices.headerStarts[row] as number, slices.headerEnds[row] as number),
      };
    }
  }
  return null;
}
