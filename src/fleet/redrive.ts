import { must } from "../assert.ts";
import { LIMITS } from "../limits.ts";
import { decodeHeaders } from "../model/record-headers.ts";
import { inputsOf, isStateful } from "../model/statement.ts";
import type { PipelinePlan } from "../plan/pipeline-plan.ts";
import type { RawRecord, Source } from "../ports/source.ts";
import type { LiveConnections } from "../project/live/live-connections.ts";
import { bytesOfText } from "../runtime/dead-letter.ts";
import { type RecordAt, recordsAt } from "../runtime/records-at.ts";
import { asked, type FoundLetter, findDeadLetters, type LetterFilter } from "./dead-letters.ts";
import { LetterMarks } from "./letter-marks.ts";

export interface Redriven {
  /** Records that were put back. */
  readonly records: number;
  /** Dead letters that were marked: several may be of one record. */
  readonly letters: number;
  /** Letters whose record is not in its topic any more, and not in the letter either. */
  readonly gone: number;
  /** Letters of results that were made of what a statement keeps: their records are in its state, and would be counted again. */
  readonly counted: number;
  /** Letters that are left for another call. */
  readonly left: number;
}

/** The place of a record; with its key or value as they should have been, as text or `base64:…`. */
export interface WantedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key?: string | null;
  readonly value?: string | null;
}

export interface RedriveRequest extends Omit<LetterFilter, "redriven"> {
  /** Left out: all. */
  readonly records?: readonly WantedRecord[];
  /** Records at most. */
  readonly limit: number;
}

/** Records that are put back before their letters are marked. */
const STEP_RECORDS = 100;

/**
 * Puts the records of dead letters back onto the topics that they came from, the oldest first, and marks the letters. All that
 * reads those topics gets them. After a crash between the two some may be put back once more. Rejects as connections do.
 */
export async function redrive(
  plan: PipelinePlan,
  { limit, records: only, ...filter }: RedriveRequest,
  live: LiveConnections,
  nowMs: number,
): Promise<Redriven> {
  const wanted = only === undefined ? null : new Map(only.map((record) => [placeOf(record), record]));
  const all = [...(await findDeadLetters(plan, { ...filter, redriven: false }, live))].reverse();
  const found = all.filter(({ letter }) => wanted === null || wanted.has(placeOf(letter)));
  const open = found.filter((one) => !isCounted(one));
  const byRecord = Map.groupBy(open, (one) => JSON.stringify([connectionOf(one), placeOf(one.letter)]));
  const chosen = [...byRecord.values()];
  const done = { records: 0, letters: 0, gone: 0 };
  const marks = new LetterMarks(live, nowMs);
  try {
    for (let from = 0; from < Math.min(limit, chosen.length); from += STEP_RECORDS) {
      const some = chosen.slice(from, Math.min(limit, from + STEP_RECORDS));
      const back = await putBack(some, wanted, live, nowMs);
      await marks.add(back.flat());
      done.records += back.length;
      done.letters += back.flat().length;
      done.gone += some.flat().length - back.flat().length;
    }
  } finally {
    await marks.close();
  }
  return { ...done, counted: found.length - open.length, left: chosen.slice(limit).flat().length };
}

function placeOf({ topic, partition, offset }: WantedRecord): string {
  return JSON.stringify([topic, partition, offset]);
}

/** What a statement with a state could read is in it. */
function isCounted({ letter, writer }: FoundLetter): boolean {
  return letter.step !== "read" && isStateful(writer.statement);
}

function connectionOf({ letter, writer: { statement } }: FoundLetter): string {
  return (inputsOf(statement).find(({ topic }) => topic === letter.topic) ?? statement.source).connection;
}

type OfRecord = readonly FoundLetter[];

/** Of the letters of some records, those of the records that could be put back. */
async function putBack(
  some: readonly OfRecord[],
  wanted: ReadonlyMap<string, WantedRecord> | null,
  live: LiveConnections,
  nowMs: number,
): Promise<readonly OfRecord[]> {
  const back: OfRecord[] = [];
  const byTopic = Map.groupBy(some, (letters) => JSON.stringify([connectionOf(must(letters[0])), must(letters[0]).letter.topic]));
  for (const ofTopic of byTopic.values()) {
    const first = must(ofTopic[0]?.[0]);
    const { topic } = first.letter;
    await asked(live, connectionOf(first), async ({ source }) => {
      const originals = await originalsOf(source as Source, topic, ofTopic);
      const records: RawRecord[] = [];
      for (const letters of ofTopic) {
        const record = keptRecord(letters, nowMs) ?? originals.get(must(letters[0])) ?? null;
        if (record === null) continue;
        const { letter } = must(letters[0]);
        records.push({ ...record, ...mended(wanted?.get(placeOf(letter))), partition: letter.partition });
        back.push(letters);
      }
      await (source as Source).append(topic, records);
    });
  }
  return back;
}

function mended(wanted: WantedRecord | undefined): Pick<RawRecord, never> & Partial<RawRecord> {
  const { key, value } = wanted ?? {};
  return { ...(key === undefined ? {} : { key: bytesOfText(key) }), ...(value === undefined ? {} : { value: bytesOfText(value) }) };
}

/** null: none of the letters of the record has all of it. */
function keptRecord(letters: OfRecord, nowMs: number): RawRecord | null {
  const whole = letters.find(({ letter }) => letter.kept === "record")?.letter;
  if (whole === undefined) return null;
  const { key, value, headers, at } = whole;
  const block = headers === null ? null : Buffer.from(headers, "base64");
  const timestampMs = at === null ? nowMs : Date.parse(at);
  return { key: bytesOfText(key), value: bytesOfText(value), timestampMs, ...(block === null ? {} : headersOf(block)) };
}

/** By the first of their letters, the records at the places of those that do not have all; left out: gone, or others are there now. */
async function originalsOf(source: Source, topic: string, ofTopic: readonly OfRecord[]): Promise<ReadonlyMap<FoundLetter, RawRecord>> {
  const records = new Map<FoundLetter, RawRecord>();
  const asking = ofTopic.filter((letters) => keptRecord(letters, 0) === null).map((letters) => must(letters[0]));
  const signal = AbortSignal.timeout(LIMITS.deadLettersMsMax);
  for (const [partition, there] of Map.groupBy(asking, ({ letter }) => letter.partition)) {
    // What is behind the end would be waited for.
    const { endOffset } = await source.bounds(topic, partition);
    const offsets = there.map(({ letter }) => letter.offset).filter((offset) => offset < endOffset);
    const found = await recordsAt(source, topic, partition)(offsets, signal);
    for (const one of there) {
      const record = found.get(one.letter.offset);
      // After the topic was made again it is another one.
      if (record !== undefined && new Date(record.timestampMs).toJSON() === one.letter.at) records.set(one, rawRecord(record));
    }
  }
  return records;
}

function rawRecord({ key, value, headers, timestampMs }: RecordAt): RawRecord {
  return { key, value, timestampMs, ...(headers === null ? {} : headersOf(headers)) };
}

function headersOf(block: Buffer): Pick<RawRecord, "headers"> {
  return { headers: decodeHeaders(block, 0, block.length) };
}
