import { type OriginMark, readOriginHeader } from "../../model/origin-header.ts";
import type { RecordSlices } from "../../model/record-slices.ts";

export type Place = readonly [generation: number, causeOffset: number, causeOrdinal: number];

/** The last place taken of each origin. */
export type Origins = ReadonlyMap<string, Place>;

/** Who wrote a record, and where it stands among what that origin wrote. */
export interface OriginRow {
  readonly origin: string;
  readonly mark: OriginMark;
}

/** null: no record of the batch has headers. */
export function originRowsOf(slices: RecordSlices): readonly (OriginRow | null)[] | null {
  const { headerStarts, headerEnds, count } = slices;
  let rows: (OriginRow | null)[] | null = null;
  for (let row = 0; row < count; row++) {
    const start = headerStarts[row] as number;
    if (start < 0) continue;
    rows ??= new Array<OriginRow | null>(count).fill(null);
    const mark = readOriginHeader(slices.bytes, start, headerEnds[row] as number);
    if (mark !== null) rows[row] = { origin: `${mark.pipeline}|${mark.partition}|${mark.statement}`, mark };
  }
  return rows;
}

/** Moves the origin's place on; true: the record is a repeat, or a zombie's. A repeat tells of a new generation as well. */
export function follow(origins: Map<string, Place>, { origin, mark }: OriginRow): boolean {
  const { generation, place } = mark;
  const [lastGeneration, offset, ordinal] = origins.get(origin) ?? NOWHERE;
  if (generation < lastGeneration) return true;
  const { causeOffset, causeOrdinal } = place.kind === "position" ? place : { causeOffset: offset, causeOrdinal: ordinal };
  const isRepeat = place.kind === "position" && (causeOffset < offset || (causeOffset === offset && causeOrdinal <= ordinal));
  origins.set(origin, isRepeat ? [generation, offset, ordinal] : [generation, causeOffset, causeOrdinal]);
  return isRepeat;
}

export function sameOrigins(left: Origins, right: Origins): boolean {
  if (left === right) return true;
  if (left.size !== right.size) return false;
  for (const [origin, place] of left) {
    const other = right.get(origin);
    if (other === undefined || place.some((part, index) => part !== other[index])) return false;
  }
  return true;
}

/**
 * Drops records that another Sluice statement has written twice, or that a zombie of it wrote (`runtime.md` §10): of each
 * origin what is not higher than the last one taken. Part of the statement's state.
 */
export class RepeatFilter {
  /** Shared with other statements that have taken the same; replaced, never changed. */
  origins: Origins;

  constructor(kept: Readonly<Record<string, Place>>) {
    this.origins = new Map(Object.entries(kept));
  }

  /** Rows [from, reached) were taken. */
  take(rows: readonly (OriginRow | null)[], from: number, reached: number): void {
    const origins = new Map(this.origins);
    for (let row = from; row < reached; row++) {
      const known = rows[row] as OriginRow | null;
      if (known !== null) follow(origins, known);
    }
    this.origins = origins;
  }

  kept(): Record<string, Place> {
    return Object.fromEntries(this.origins);
  }
}

const NOWHERE: Place = [0, -1, -1];
