import { letterId } from "../runtime/routes/dead-letter.ts";

/** A record that a statement could not take, or whose result the target refused. */
export interface KeptLetter {
  readonly statement: string;
  /** Of the record. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** `read`, `write ID` or `result GROUP`. */
  readonly step: string;
  readonly code: string;
  readonly error: string;
  /** How often it was tried. */
  readonly attempts: number;
  readonly version: number;
  /** ISO 8601, UTC; null: the record's timestamp is no date. */
  readonly at: string | null;
  /** Of the record; bytes that are no text as `base64:…`. */
  readonly key: string | null;
  readonly value: string | null;
  /** As they stand in the record, in base64. */
  readonly headers: string | null;
  /** What the target refused; null: it never came to that. */
  readonly document: string | null;
  /** What there is of the record: `record` all, `masked`, `part`, `none`. */
  readonly kept: string;
  /** What it takes to send the refused change again, as JSON; null: it never came to that, or an earlier release kept the letter. */
  readonly change: string | null;
  /** ISO 8601, UTC: when the record was put back onto its topic; left out: it was not. */
  readonly redrivenAt?: string;
}

export function idOf(letter: KeptLetter): string {
  return letterId(letter);
}

type Written = { readonly [Name in keyof KeptLetter]?: KeptLetter[Name] | null };

/** null: it is something else that lies there. */
export function letterOf(text: string): KeptLetter | null {
  try {
    const letter = JSON.parse(text) as Written | null;
    const hasPlace = typeof letter?.statement === "string" && typeof letter.topic === "string" && typeof letter.step === "string";
    return hasPlace && Number.isInteger(letter.partition) && Number.isInteger(letter.offset) ? completed(letter) : null;
  } catch {
    return null;
  }
}

/** Columns of tables are null where they have no value; letters of earlier releases lack some. */
function completed({ redrivenAt, ...letter }: Written): KeptLetter {
  const isOfNow = typeof letter.kept === "string";
  const isRead = letter.step === "read";
  const { value = null, document = null } = letter;
  return {
    ...(letter as KeptLetter),
    attempts: letter.attempts ?? 1,
    version: letter.version ?? 0,
    change: letter.change ?? null,
    kept: letter.kept ?? (isRead ? "record" : "none"),
    // They had the refused document in the place of the record's value.
    value: isOfNow || isRead ? value : null,
    document: isOfNow || isRead ? document : value,
    ...(typeof redrivenAt === "string" ? { redrivenAt } : {}),
  };
}
