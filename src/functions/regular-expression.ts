import { compileOnce } from "./compile-once.ts";

const kept = compileOnce((written) => {
  const slash = written.indexOf("/");
  return compile(written.slice(slash + 1), written.slice(0, slash));
});

/**
 * A regular expression as SQL engines write them, which is JavaScript's with few differences: flags at the front (`(?i)`), named groups
 * `(?P<name>…)`, `\A`, `\z`, `\Q…\E` and POSIX classes (`[[:alpha:]]`). Throws RangeError where it is none.
 */
export function regularExpression(pattern: string, flags = ""): RegExp {
  const expression = kept(`${flags}/${pattern}`);
  expression.lastIndex = 0;
  return expression;
}

function compile(pattern: string, flags: string): RegExp {
  const [front = "", letters = ""] = /^\(\?([imsUu]+)\)/.exec(pattern) ?? [];
  const all = new Set(`gu${flags}${letters.replaceAll("U", "").replaceAll("u", "")}`);
  const body = pattern.slice(front.length);
  try {
    return new RegExp(translate(body), [...all].join(""));
  } catch (error) {
    throw new RangeError(`'${pattern}' is no regular expression: ${reason(error)}`);
  }
}

/** The messages repeat the expression. */
function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(message.lastIndexOf(": ") + 2).toLowerCase();
}

const POSIX: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`\\{-~",
  xdigit: "0-9A-Fa-f",
  word: "\\w",
};

/** What JavaScript's unicode mode lets be escaped; it keeps all else for later. */
const ESCAPES = /[dDwWsSbBnrtvfpPkuxc0-9^$\\.*+?()[\]{}|/]/;

function translate(pattern: string): string {
  return pattern.replaceAll(
    /\\Q(?<quoted>.*?)(?:\\E|$)|(?<group>\(\?P<)|\[(?<set>(?:\^?\]?)(?:\\.|\[:[a-z]+:\]|[^\]\\])*)\]|\\(?<escaped>.)/gsu,
    (found: string, ...rest: readonly unknown[]) => {
      const { quoted, group, set, escaped = "" } = rest.at(-1) as Readonly<Record<string, string | undefined>>;
      if (quoted !== undefined) return quoted.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
      if (group !== undefined) return "(?<";
      if (set !== undefined) return `[${translateSet(set)}]`;
      if (escaped === "A") return "(?<![\\s\\S])";
      if (escaped === "z" || escaped === "Z") return "(?![\\s\\S])";
      return ESCAPES.test(escaped) ? found : escaped;
    },
  );
}

/** What stands in brackets: `]` may come first, and `-` be escaped. */
function translateSet(set: string): string {
  return set
    .replace(/^(\^?)\]/, "$1\\]")
    .replaceAll(/\[:(?<posix>[a-z]+):\]|\\(?<escaped>.)|\[/gsu, (found: string, ...rest: readonly unknown[]) => {
      const { posix, escaped } = rest.at(-1) as Readonly<Record<string, string | undefined>>;
      if (posix !== undefined) return POSIX[posix] ?? found;
      if (escaped === undefined) return "\\[";
      return ESCAPES.test(escaped) || escaped === "-" ? found : escaped;
    });
}
