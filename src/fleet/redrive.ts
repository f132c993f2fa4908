import { must } from "../assert.ts";
import { LIMITS } from "../limits.ts";
import { decodeHeaders } from "../model/record-headers.ts";
import { inputsOf } from "../model/statement.ts";
import type { PipelinePlan } from "../plan/pipeline-plan.ts";
import type { RawRecord, Source } from "../ports/source.ts";
import type { LiveConnections } from "../project/live/live-connections.ts";
import type { Environment } from "../runtime/environment.ts";
import { type RecordAt, recordsAt } from "../runtime/feeds/records-at.ts";
import { bytesOfText } from "../runtime/routes/bytes-as-text.ts";
import { asked, type FoundLetter, type LetterFilter, lookThrough } from "./dead-letters.ts";
import { idOf, type KeptLetter } from "./kept-letter.ts";
import { LetterMarks } from "./letter-marks.ts";
import { type LetterPlace, letterPlace, type RedriveCursor } from "./letter-place.ts";
import { type RefusedResult, redrivingOf, refusedResult } from "./redriving.ts";
import { RefusedResults } from "./refused-results.ts";
import { SeenEnds } from "./seen-ends.ts";

export interface Redriven {
  /** Records that were put back. */
  readonly records: number;
  /** Refused results that their targets have taken now. */
  readonly results: number;
  /** Refused results that were there already, or newer ones of the same rows. */
  readonly superseded: number;
  /** Results that were refused again: their letters stay, with one try more. */
  readonly refused: number;
  /** Dead letters that were marked as redriven: several may be of one record. */
  readonly letters: number;
  /** Letters whose record is not in its topic any more, and not in the letter either. */
  readonly gone: number;
  /** Letters that cannot be redriven, by the reason. */
  readonly unable: readonly Unable[];
  /** Where another call goes on; null: there are no more. */
  readonly next: RedriveCursor | null;
}

export interface Unable {
  readonly why: string;
  readonly letters: number;
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
  /** Where another call has come to; null: from the beginning. */
  readonly from: RedriveCursor | null;
  /** Records and results at most. */
  readonly limit: number;
}

/** Records and results that are sent before their letters are marked. */
const STEP = 100;

const NOT_MENDED = "a result is sent as it was: there is no key or value of it to be mended";

/** A record to be put back, with all its letters, or a result to be sent again. */
type Unit = { readonly letters: OfRecord; readonly result: RefusedResult | null };

/**
 * The oldest first, what a statement read is put back onto the topic that it came from, where all that reads the topic gets it, and what a
 * target refused of a statement with a state is sent there again under its id and version. Then the letters are marked. After a crash
 * between the two some records may be put back once more, while results are there already. What is put back and fails again is left to
 * another redrive. Rejects as connections do.
 */
export async function redrive(
  plan: PipelinePlan,
  { limit, records: only, from, ...filter }: RedriveRequest,
  live: LiveConnections,
  env: Environment,
): Promise<Redriven> {
  const wanted = only === undefined ? null : new Map(only.map((record) => [placeOf(record), record]));
  const nowMs = env.clock.now();
  const tools: Tools = { wanted, live, nowMs, marks: new LetterMarks(live, nowMs), results: new RefusedResults(plan, live, env) };
  const done: Done = { records: 0, results: 0, superseded: 0, refused: 0, letters: 0, gone: 0 };
  const unable = new Map<string, number>();
  const ends = new SeenEnds(from?.ends ?? null);
  let next: LetterPlace | null = from?.after ?? null;
  try {
    for (let room = limit; ; ) {
      const takes = (letter: KeptLetter): boolean => ends.covers(letter) && (wanted === null || wanted.has(placeOf(letter)));
      const page = await lookThrough(plan, { ...filter, redriven: false }, { order: "oldest", after: next, takes }, live);
      ends.close();
      const { units, cut } = unitsOf(page.found, room, (one) => isMended(wanted, one), unable);
      for (let at = 0; at < units.length; at += STEP) await redriveSome(units.slice(at, at + STEP), tools, done);
      room -= units.length;
      if (cut === null) next = page.next;
      else if (cut > 0) next = letterPlace(must(page.found[cut - 1]).letter);
      if (cut !== null || next === null) break;
    }
  } finally {
    await Promise.all([tools.marks.close(), tools.results.close()]);
  }
  const reasons = [...unable].map(([why, letters]) => ({ why, letters }));
  return { ...done, unable: reasons, next: next === null ? null : { after: next, ends: ends.byLog } };
}

interface Tools {
  readonly wanted: Wanted;
  readonly live: LiveConnections;
  readonly nowMs: number;
  readonly marks: LetterMarks;
  readonly results: RefusedResults;
}

type Wanted = ReadonlyMap<string, WantedRecord> | null;

type Done = { -readonly [Name in keyof Omit<Redriven, "unable" | "next">]: number };

/** Puts records back and sends results, and marks their letters. */
async function redriveSome(some: readonly Unit[], { wanted, live, nowMs, marks, results }: Tools, done: Done): Promise<void> {
  const records = some.filter(({ result }) => result === null).map(({ letters }) => letters);
  const back = await putBack(records, wanted, live, nowMs);
  await marks.redriven(back.flat());
  const lost = records.filter((letters) => !back.includes(letters)).flat();
  const instead = lost.flatMap((one) => (isMended(wanted, one) ? [] : (wholeResult(one) ?? [])));
  const sent = await results.send([...some.flatMap(({ result }) => result ?? []), ...instead]);
  await marks.redriven(sent.settled);
  await marks.refused(sent.refused);
  done.records += back.length;
  done.results += sent.settled.length - sent.superseded;
  done.superseded += sent.superseded;
  done.refused += sent.refused.length;
  done.letters += back.flat().length + sent.settled.length;
  done.gone += lost.length - instead.length;
}

/**
 * In the order of the letters, `most` of them; `cut`: which letter is the first of what is left for later, null: nothing is. Counts those
 * before it that cannot be redriven.
 */
function unitsOf(
  found: OfRecord,
  most: number,
  isMended: (one: FoundLetter) => boolean,
  unable: Map<string, number>,
): { readonly units: readonly Unit[]; readonly cut: number | null } {
  const units = new Map<string, { letters: FoundLetter[]; result: RefusedResult | null }>();
  let cut: number | null = null;
  for (const [index, one] of found.entries()) {
    const { letter } = one;
    const redriving = redrivingOf(one);
    const why = redriving.sends === "nothing" ? redriving.why : redriving.sends === "result" && isMended(one) ? NOT_MENDED : null;
    if (why !== null) {
      if (cut === null) unable.set(why, (unable.get(why) ?? 0) + 1);
      continue;
    }
    const result = redriving.sends === "result" ? redriving.result : null;
    const key = JSON.stringify(
      result === null ? [connectionOf(one), placeOf(letter)] : [idOf(letter), one.keptIn.connection, one.keptIn.name],
    );
    const known = units.get(key);
    if (known !== undefined) known.letters.push(one);
    else if (units.size < most) units.set(key, { letters: [one], result });
    else cut ??= index;
  }
  return { units: [...units.values()], cut };
}

/** Where the record is gone its result may be there; null: it is not, or cannot be sent. */
function wholeResult(found: FoundLetter): RefusedResult | null {
  const result = refusedResult(found);
  return typeof result === "string" ? null : result;
}

function isMended(wanted: Wanted, { letter }: FoundLetter): boolean {
  const record = wanted?.get(placeOf(letter));
  return record?.key !== undefined || record?.value !== undefined;
}

function placeOf({ topic, partition, offset }: WantedRecord): string {
  return JSON.stringify([topic, partition, offset]);
}

function connectionOf({ letter, writer: { statement } }: FoundLetter): string {
  return (inputsOf(statement).find(({ topic }) => topic === letter.topic) ?? statement.source).connection;
}

type OfRecord = readonly FoundLetter[];

/** Of the letters of some records, those of the records that could be put back. */
async function putBack(some: readonly OfRecord[], wanted: Wanted, live: LiveConnections, nowMs: number): Promise<readonly OfRecord[]> {
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
