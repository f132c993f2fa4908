import type { KeptLetter } from "./kept-letter.ts";

/** Where a letter stands among all of a pipeline: by the time of its record, and by the record's place. Its marks stand there too. */
export type LetterPlace = readonly [at: string, topic: string, partition: number, offset: number, statement: string, step: string];

export function letterPlace({ at, topic, partition, offset, statement, step }: KeptLetter): LetterPlace {
  return [at ?? "", topic, partition, offset, statement, step];
}

/** Negative: the left one is older. */
export function comparePlaces(left: LetterPlace, right: LetterPlace): number {
  for (const [index, one] of left.entries()) {
    const other = right[index] as typeof one;
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

export function areOfOneRecord(left: LetterPlace, right: LetterPlace): boolean {
  return left.slice(0, 4).every((part, index) => part === right[index]);
}

/** Where to go on, as a text that only we read. */
export function cursorText(cursor: unknown): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/** null: it is none of ours. */
export function readPlace(text: string): LetterPlace | null {
  return asPlace(parsed(text));
}

/** Where a redrive goes on, and which letters it began with. */
export interface RedriveCursor {
  readonly after: LetterPlace;
  readonly ends: LogEnds;
}

/** By topic and partition: one past the highest offset of a letter's record. What is put back and fails again lies behind. */
export type LogEnds = Readonly<Record<string, number>>;

/** null: it is none of ours. */
export function readRedriveCursor(text: string): RedriveCursor | null {
  const { after, ends } = (parsed(text) ?? {}) as { readonly after?: unknown; readonly ends?: unknown };
  const place = asPlace(after);
  const areEnds = typeof ends === "object" && ends !== null && Object.values(ends).every((end) => typeof end === "number");
  return place === null || !areEnds ? null : { after: place, ends: ends as LogEnds };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return null;
  }
}

const KINDS = ["string", "string", "number", "number", "string", "string"];

function asPlace(value: unknown): LetterPlace | null {
  const isPlace = Array.isArray(value) && value.length === KINDS.length && KINDS.every((kind, index) => typeof value[index] === kind);
  return isPlace ? (value as unknown as LetterPlace) : null;
}
