import { NumberText } from "./exact-json.ts";

/** What the driver binds. */
export type CqlValue = null | boolean | number | bigint | string | Buffer | object;

/** Turns a JSON value other than null into a value of one column type; throws `Misfit`. */
export type ToCql = (value: unknown) => CqlValue;

/** A value that a column cannot take. Nothing is guessed: neither a number made of text nor the reverse. */
export class Misfit extends Error {}

/** A whole number of which the double shows no more all digits: the row must be read again, exactly. */
export class LostDigits extends Misfit {}

const SHOWN_MAX = 60;

export function misfit(value: unknown): Misfit {
  const shown = value instanceof NumberText ? value.text : typeof value === "number" ? String(value) : JSON.stringify(value);
  return new Misfit(`${shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown} does not fit`);
}
