import type { LogMark } from "../../model/record-slices.ts";

/** Ids of one statement are ordered: by generation, then by sequence. */
export interface BlobId {
  readonly generation: number;
  readonly sequence: number;
}

/** What a blob says besides the state itself: where in the log it belongs, and whose it is. */
export interface BlobHeader {
  /** Name: whose state this is (`runtime.md` §4). */
  readonly statement: string;
  /** Whether the state fits the statement of today. */
  readonly fingerprint: string;
  /** Which of the statement's beginnings it belongs to; left out: the first one. */
  readonly beginning?: number;
  readonly topic: string;
  readonly topicId: string | null;
  readonly kind: "snapshot" | "delta";
  /** Next offset to fetch. */
  readonly cursor: number;
  /** Last version, in µs. */
  readonly clock: number;
  readonly base: number;
  readonly stride: number;
  readonly streamTimeMs: number | null;
  readonly logTimeMs: number | null;
  /** Offset of the last applied `close` note. */
  readonly closedAt: number | null;
  /** The last `idle` note that moved its stream time; left out: none did. */
  readonly idleAt?: readonly [offset: number, number: number] | null;
  /** Of the last offset that closed windows, so many final results have been made; left out: none. */
  readonly finals?: readonly [causeOffset: number, made: number] | null;
  readonly counters: Readonly<Record<string, number>>;
  /** Last record batch read. */
  readonly mark: LogMark | null;
  readonly origins: Readonly<Record<string, readonly [generation: number, offset: number, ordinal: number]>>;
  /** Of a join, whose own log is those of its inputs merged: these. `topic` and `cursor` are of the merged one. */
  readonly inputs?: readonly InputHeader[];
  /** Results of what is dirty in it are not sent yet (EMIT EVERY). */
  readonly unsent?: boolean;
  /** Written by an orderly stop as the last blob. */
  readonly drained: boolean;
}

/** How far one of the logs was taken that are merged. */
export interface InputHeader {
  readonly topic: string;
  readonly topicId: string | null;
  readonly cursor: number;
  /** The next record counts as of then at least; null: as of its own time. */
  readonly logTimeMs: number | null;
  readonly mark: LogMark | null;
  readonly origins: Readonly<Record<string, readonly [generation: number, offset: number, ordinal: number]>>;
  /** A table, and no record of a stream has been there yet. */
  readonly isLoading?: boolean;
}

export interface Blob {
  readonly header: BlobHeader;
  /** Its statement's rows become visible with it, in one transaction. */
  readonly isTransactional?: true;
  /** State bytes, opaque here: a snapshot, or a delta to the blob before. Nobody writes to them again. */
  readonly payload: Buffer;
}

/** A decision that belongs to the log of a topic's partition, at an offset of it (`runtime.md` §0). */
export type Note = FarAheadNote | BaseNote | TimeNote | MergeNote | WallNote | LookupNote;

/** A decision about the order in which a statement takes the records of the logs that it joins. */
export type MergeNote = QuietNote | LoadNote;

/** The log had nothing for a while: the record of the offset counts as of that log time at least (`runtime.md` §9). */
export interface QuietNote {
  readonly kind: "quiet";
  readonly topic: string;
  readonly offset: number;
  readonly statement: string;
  /** Its place among what the statement reads, where a topic may stand twice. */
  readonly input: number;
  readonly timeMs: number;
}

/** What a table holds to begin with: records below the offset are taken before those of all streams. */
export interface LoadNote {
  readonly kind: "load";
  readonly topic: string;
  readonly offset: number;
  readonly statement: string;
  readonly input: number;
  /** Which of the statement's beginnings reads them. */
  readonly beginning: number;
  /** Those of one round were written together, and are read in the order of the inputs; rounds follow each other. */
  readonly round: number;
  /** A record of a stream waits: what comes behind is merged. */
  readonly isLast: boolean;
}

/** A decision that moves stream time, before the record of its offset is taken. */
export type TimeNote = CloseNote | IdleNote;

/** A bounded run ended there, and closed all windows. */
export interface CloseNote {
  readonly kind: "close";
  readonly topic: string;
  readonly offset: number;
  /** That it is for, where that reads the topic by itself; left out: all others. */
  readonly statement?: string;
}

/** The log ended there for a while, and stream time went on by the wall clock (`runtime.md` §6). */
export interface IdleNote {
  readonly kind: "idle";
  readonly topic: string;
  readonly offset: number;
  /** Counts those at the offset, from 1. */
  readonly number: number;
  /** When it was written, by the wall: stream time does not go beyond. */
  readonly wallMs: number;
  /** How long nothing had come by then; it is one of statements whose `idle.timeout` is no longer. */
  readonly silentMs: number;
  /** By so much stream time goes on: of the silence what no note at the offset has counted yet. */
  readonly idleMs: number;
  /** As in `CloseNote`. */
  readonly statement?: string;
}

/** Offsets, both ends included. */
export type OffsetRange = readonly [first: number, last: number];

/** Records of one batch whose timestamps were judged, as they are about so far ahead: ranges that rise. `offset` is the last one. */
export interface FarAheadNote {
  readonly kind: "far-ahead";
  readonly topic: string;
  readonly offset: number;
  /** They are refused. */
  readonly ranges: readonly OffsetRange[];
  /** They count, as by another wall they would not; left out: none does. */
  readonly accepted?: readonly OffsetRange[];
}

/** When a statement that goes by processing time first read the records from `first` to `offset`. */
export interface WallNote {
  readonly kind: "wall";
  readonly topic: string;
  readonly first: number;
  readonly offset: number;
  readonly statement: string;
  /** Which of the statement's beginnings read them. */
  readonly beginning: number;
  readonly timeMs: number;
}

/**
 * What was found for keys of records from `first` on; it counts up to `offset`, where nothing later says otherwise. Of one lookup and place
 * there may be several.
 */
export interface LookupNote {
  readonly kind: "lookup";
  readonly topic: string;
  readonly first: number;
  readonly offset: number;
  readonly statement: string;
  readonly beginning: number;
  /** Which one of the statement's it is. */
  readonly lookup: number;
  /** What it rests on is durable up to here, and nothing was taken behind: earlier notes count no more. */
  readonly isEnd?: true;
  /** Keys as canonical JSON, and the row as JSON; null: there is none, or it cannot be said, and why. */
  readonly answers: readonly (readonly [key: string, row: string | null, problem?: string])[];
}

/** From the offset on, the versions of a statement of that fingerprint begin above `base`. */
export interface BaseNote {
  readonly kind: "base";
  readonly topic: string;
  readonly offset: number;
  readonly statement: string;
  readonly fingerprint: string;
  readonly base: number;
}

/** Negative, zero or positive as `left` is before, the same as or after `right`. */
export function compareBlobIds(left: BlobId, right: BlobId): number {
  return left.generation - right.generation || left.sequence - right.sequence;
}
