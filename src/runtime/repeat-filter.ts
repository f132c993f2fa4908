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
      const key = keyOf(mark);
      if (isRepeat(mark, last.get(key))) flags[row] = Flag.repeat;
      else last.set(key, placeOf(mark));
    }
  }

  /** Rows [from, reached) were taken. */
  take(slices: RecordSlices, from: number, reached: number): void {
    const marks = originsOf(slices);
    if (marks === null) return;
    for (let row = from; row < reached; row++) {
      const mark = marks[row] as OriginMark | null;
      if (mark === null) continue;
      const key = keyOf(mark);
      if (!isRepeat(mark, this.origins.get(key))) this.origins.set(key, placeOf(mark));
    }
  }

  kept(): Record<string, Place> {
    return Object.fromEntries(this.origins);
  }
}

function keyOf(mark: OriginMark): string {
  return `${mark.pipeline}|${mark.partition}|${mark.statement}`;
}

function placeOf(mark: OriginMark): Place {
  return mark.place.kind === "position" ? [mark.generation, mark.place.causeOffset, mark.place.causeOrdinal] : [mark.generation, -1, -1];
}

function isRepeat(mark: OriginMark, last: Place | undefined): boolean {
  if (last === undefined) return false;
  const [generation, offset, ordinal] = last;
  if (mark.generation < generation) return true;
  if (mark.place.kind === "version") return false;
  const { causeOffset, causeOrdinal } = mark.place;
  return causeOffset < offset || (causeOffset === offset && causeOrdinal <= ordinal);
}
