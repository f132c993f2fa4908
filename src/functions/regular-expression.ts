import { createRequire } from "node:module";
import type { RE2JS } from "re2js";
import { compileOnce } from "./compile-once.ts";
import { simpleExpression } from "./simple-expression.ts";

/** Where an expression fits: the text that it covers, and those of its groups. */
export interface Found {
  readonly start: number;
  readonly end: number;
  /** By number, the whole first; a group that took no part is undefined. */
  readonly groups: readonly (string | undefined)[];
}

/**
 * Texts up to this length are searched by the platform's engine where the expression is simple: it is faster, and takes a time that
 * grows with the square of the length at worst.
 */
const SHORT = 1024;

/**
 * A regular expression in RE2's dialect, which is DuckDB's. No expression and no text makes it backtrack without end: the time grows with
 * the length of the text.
 */
export class RegularExpression {
  readonly #linear: RE2JS;
  readonly #simple: RegExp | null;

  constructor(linear: RE2JS, simple: RegExp | null) {
    this.#linear = linear;
    this.#simple = simple;
  }

  test(text: string): boolean {
    if (this.#simple === null || text.length > SHORT) return this.#linear.test(text);
    this.#simple.lastIndex = 0;
    return this.#simple.test(text);
  }

  /** Whether the whole text is as the expression says. */
  testWhole(text: string): boolean {
    return this.#linear.testExact(text);
  }

  /** null: nowhere. */
  first(text: string): Found | null {
    if (this.#simple !== null && text.length <= SHORT) {
      this.#simple.lastIndex = 0;
      const match = this.#simple.exec(text);
      return match === null ? null : { start: match.index, end: match.index + match[0].length, groups: match };
    }
    for (const found of this.all(text)) return found;
    return null;
  }

  /** From left to right, without overlaps. */
  *all(text: string): Iterable<Found> {
    const matcher = this.#linear.matcher(text);
    while (matcher.find()) {
      const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
      yield { start: matcher.start(), end: matcher.end(), groups };
    }
  }
}

const kept = compileOnce((written) => {
  const slash = written.indexOf("/");
  return compile(written.slice(slash + 1), written.slice(0, slash));
});

/** `flags`: `i`, `m`, `s`. Throws RangeError where the pattern is no expression. */
export function regularExpression(pattern: string, flags = ""): RegularExpression {
  return kept(`${flags}/${pattern}`);
}

/** Read with the first expression: most pipelines have none. */
let engine: typeof RE2JS | null = null;

function compile(pattern: string, flags: string): RegularExpression {
  engine ??= (createRequire(import.meta.url)("re2js") as typeof import("re2js")).RE2JS;
  const letters = [
    flags.includes("i") && engine.CASE_INSENSITIVE,
    flags.includes("m") && engine.MULTILINE,
    flags.includes("s") && engine.DOTALL,
  ];
  try {
    const linear = engine.compile(
      pattern,
      letters.reduce((all: number, one) => all | Number(one), 0),
    );
    return new RegularExpression(linear, flags === "" ? simpleExpression(pattern) : null);
  } catch (error) {
    throw new RangeError(`'${pattern}' is no regular expression: ${reason(pattern, error)}`);
  }
}

function reason(pattern: string, error: unknown): string {
  if (/\(\?<?[=!]/.test(pattern)) return "looking ahead or behind, as (?=…) does, takes no bounded time";
  if (/\\[1-9]/.test(pattern)) return "a reference to a group, as \\1 is, takes no bounded time";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^error parsing regexp: /, "").replace(/: `.*`$/s, "");
}
