/** Bytes that are none of a format, or values that it cannot hold: of one record, which goes the way of the error policy. */
export class FormatError extends Error {}

const SHOWN_MAX = 60;

/** A text in a message. */
export function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);
}
