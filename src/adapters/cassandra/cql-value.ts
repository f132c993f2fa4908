import { NumberText } from "./exact-json.ts";

/** What the driver binds. */
export type CqlValue = null | boolean | number | bigint | string | Buffer | object;

/** Turns a JSON value other than null into a value of one column type; throws `Misfit`. */
export type ToCql = (value: unknown) => CqlValue;

/** A value that a column cannot take. Nothing is guessed: neither a number made of text nor the reverse. */
export class Misfit extends Error {
  private readonly problem: string;
  /** Where in the value: `geo.lat (double)`, `[2].zip`; empty: all of it. */
  private readonly path: string;

  constructor(problem = "", path = "") {
    super(path === "" ? problem : `${path}: ${problem}`);
    this.problem = problem;
    this.path = path;
  }

  /** Of a value that has this one as its element or member `step`; `typeText`: the type of that, where the value's does not show it. */
  within(step: number | string, typeText: string | null): Misfit {
    const own = typeof step === "number" ? `[${step}]` : /^\w+$/.test(step) ? step : JSON.stringify(cut(step));
    if (this.path === "") return new Misfit(this.problem, typeText === null ? own : `${own} (${typeText})`);
    return new Misfit(this.problem, `${own}${this.path.startsWith("[") ? "" : "."}${this.path}`);
  }
}

/** A whole number of which the double shows no more all digits: the row must be read again, exactly. */
export class LostDigits extends Misfit {
  override within(): LostDigits {
    return this;
  }
}

const SHOWN_MAX = 60;

export function misfit(value: unknown): Misfit {
  const shown = value instanceof NumberText ? value.text : typeof value === "number" ? String(value) : JSON.stringify(value);
  return new Misfit(`${cut(shown)} does not fit`);
}

function cut(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
