import { type OriginMark, readOriginHeader } from "../model/origin-header.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import { Flag } from "../plan/code/row-code.ts";

type Place = readonly [generation: number, causeOffset: number, causeOrdinal: number];

/** Parsed once for all statements that read a batch. null: no record of the batch has headers. */
const parsed = new WeakMap<RecordSlices, readonly (OriginMark | null)[] | null>();

function originsOf(slices: RecordSlices): readonly (OriginMark | null)[] | null {
  const known = parsed.get(slices);
  if (known !== undefined) return known;
  const { headerStarts, headerEnds, count } = slices;
  let marks: (OriginMark | null)[] | null = null;
  for (let row = 0; row < count; row++) {
    const start = headerStarts[row] as number;
    if (start < 0) continue;
    marks ??= new Array<OriginMark | null>(count).fill(null);
    marks[row] = readOriginHeader(slices.bytes, start, headerEnds[row] as number);
  }
  parsed.set(slices, marks);
  return marks;
}

/**
 * Drops records that another Sluice statement has written twice, or that a zombie of it wrote (`runtime.md` §10): of each
 * origin what is not higher than the last one taken. Part of the statement's state.
 */
export class RepeatFilter {
  private readonly origins: Map<string, Place>;

  constructor(kept: Readonly<Record<string, Place>>) {
    this.origins = new Map(Object.entries(kept));
  }

  /** Sets `Flag.repeat` on rows that are not taken. */
  mark(slices: RecordSlices, from: number, to: number, flags: Uint8Array): void {
    const marks = originsOf(slices);
    if (marks === null) return;
    const last = new Map(this.origins);
    for (let row = from; row < to; row++) {
      const mark = marks[row] as OriginMark | null;
      if (mark === null) continue;
      if (follow(last, mark)) flags[row] = Flag.repeat;
    }
  }

  /** Rows [from, reached) were taken. */
  take(slices: RecordSlices, from: number, reached: number): void {
    const marks = originsOf(slices);
    if (marks === null) return;
    for (let row = from; row < reached; row++) {
      const mark = marks[row] as OriginMark | null;
      if (mark !== null) follow(this.origins, mark);
    }
  }

  kept(): Record<string, Place> {
    return Object.fromEntries(this.origins);
  }
}

/** Moves the origin's place on; true: the record is a repeat, or a zombie's. A repeat tells of a new generation as well. */
function follow(origins: Map<string, Place>, { pipeline, partition, statement, generation, place }: OriginMark): boolean {
  const key = `${pipeline}|${partition}|${statement}`;
  const [lastGeneration, offset, ordinal] = origins.get(key) ?? NOWHERE;
  if (generation < lastGeneration) return true;
  const { causeOffset, causeOrdinal } = place.kind === "position" ? place : { causeOffset: offset, causeOrdinal: ordinal };
  const isRepeat = place.kind === "position" && (causeOffset < offset || (causeOffset === offset && causeOrdinal <= ordinal));
  origins.set(key, isRepeat ? [generation, offset, ordinal] : [generation, causeOffset, causeOrdinal]);
  return isRepeat;
}

const NOWHERE: Place = [0, -1, -1];
