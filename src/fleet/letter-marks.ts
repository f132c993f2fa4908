import { SluiceError } from "../errors.ts";
import { ChangeBatchBuilder } from "../model/change-batch-builder.ts";
import { Outcome, type RouteTarget, type Sink } from "../ports/sink.ts";
import type { Source } from "../ports/source.ts";
import type { LiveConnections } from "../project/live/live-connections.ts";
import { TargetNames } from "../runtime/routes/target-names.ts";
import { asked, type FoundLetter } from "./dead-letters.ts";
import { idOf } from "./kept-letter.ts";
import type { RefusedAgain } from "./refused-results.ts";

/** Says of letters, where they are kept, what became of them: the letters again, under their ids, with the time, or the latest error. */
export class LetterMarks {
  private readonly live: LiveConnections;
  private readonly nowMs: number;
  /** By place. */
  private readonly sinks = new Map<string, Promise<Sink>>();

  constructor(live: LiveConnections, nowMs: number) {
    this.live = live;
    this.nowMs = nowMs;
  }

  /** Rejects as connections do. */
  redriven(letters: readonly FoundLetter[]): Promise<void> {
    const redrivenAt = new Date(this.nowMs).toISOString();
    return this.put(letters.map((found) => ({ ...found, letter: { ...found.letter, redrivenAt } })));
  }

  /** They stay, with one try more and what it came to. Rejects as connections do. */
  refused(again: readonly RefusedAgain[]): Promise<void> {
    return this.put(
      again.map(({ found, error: { code, message }, attempts }) => ({
        ...found,
        letter: { ...found.letter, code, error: message, attempts: found.letter.attempts + attempts },
      })),
    );
  }

  private async put(letters: readonly FoundLetter[]): Promise<void> {
    const byPlace = Map.groupBy(letters, ({ keptIn }) => placeOf(keptIn));
    for (const there of byPlace.values()) {
      const { keptIn } = there[0] as FoundLetter;
      if (keptIn.kind === "topic") await this.append(keptIn, there);
      else await this.write(keptIn, there);
    }
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.sinks.values());
    await Promise.all(opened.map((sink) => (sink.status === "fulfilled" ? sink.value.close() : null)));
  }

  private append({ connection, name }: RouteTarget, letters: readonly FoundLetter[]): Promise<void> {
    const { nowMs } = this;
    const records = letters.map((found) => {
      const key = Buffer.from(idOf(found.letter));
      return { key, value: Buffer.from(JSON.stringify(found.letter)), timestampMs: nowMs, partition: found.keptPartition };
    });
    return asked(this.live, connection, ({ source }) => (source as Source).append(name, records));
  }

  /** Newer than the letter and its marks before, whatever the clock that gave it its version. */
  private async write(target: RouteTarget, letters: readonly FoundLetter[]): Promise<void> {
    const names = TargetNames.of(target);
    const out = new ChangeBatchBuilder();
    for (const found of letters) {
      const { letter } = found;
      const timeMs = letter.at === null ? 0 : Date.parse(letter.at);
      out.writer.utf8(JSON.stringify(letter));
      out.beginId();
      out.writer.utf8(idOf(letter));
      out.useIdAsKey();
      const marks = 2 * letter.attempts + (letter.redrivenAt === undefined ? 0 : 1);
      const version = Math.max(letter.version + marks, this.nowMs * 1000);
      out.addUpsert(version, timeMs, letter.offset, 0, names === null ? null : names.at(timeMs));
    }
    const origin = { pipeline: "", statement: (letters[0] as FoundLetter).letter.statement, partition: 0, generation: 0 };
    const batch = out.build();
    const { outcomes, errors } = await asked(this.live, target.connection, async () => {
      return (await this.sinkOf(target)).write(batch, origin, NEVER);
    });
    const unmarked = outcomes.findIndex((outcome) => outcome !== Outcome.written);
    if (unmarked < 0) return;
    const why = errors.get(unmarked)?.message ?? "it has changed meanwhile";
    throw new SluiceError(
      "CHANGE_UNAVAILABLE",
      `records were put back or results sent, and letters in ${target.name} could not be marked: ${why}`,
    );
  }

  /** Indexes whose time is over are left to whoever writes the letters. */
  private sinkOf(target: RouteTarget): Promise<Sink> {
    const place = placeOf(target);
    const options = { ...target.options, retirement: null };
    const sink = this.sinks.get(place) ?? asked(this.live, target.connection, (connection) => connection.openSink({ ...target, options }));
    this.sinks.set(place, sink);
    return sink;
  }
}

const NEVER = new AbortController().signal;

function placeOf({ connection, kind, name }: RouteTarget): string {
  return JSON.stringify([connection, kind, name]);
}
