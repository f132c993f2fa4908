import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, type SourceFile, sourceFiles } from "./support/source-files.ts";

/** The linter checks lengths of files and functions, `any`, default exports and unused code; here is what it cannot say. */
const LINE_LENGTH_MAX = 140;

interface Ban {
  readonly pattern: RegExp;
  readonly why: string;
  readonly within: RegExp;
}

const BANS: readonly Ban[] = [
  // three X are an offset in Java's patterns of dates too
  {
    pattern: /\b(TODO|FIXME|HACK)\b|(\/\/|\*) *XXX\b/,
    within: /^(grammar|src|test|bench)\/(?!tidy\.test)/,
    why: "finish it, or open an issue",
  },
  { pattern: /\bconsole\.\w+\(/, within: /^(grammar|src)\//, why: "only src/cli writes, to process.stdout and process.stderr" },
  {
    pattern: /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval)\b|\bnew Date\(\)/,
    within: /^src\/(runtime|state|plan|analyze|functions|model)\//,
    why: "time and chance come in through ports, or a run cannot be simulated",
  },
  {
    pattern:
      /\bAbortSignal\.timeout\b|\bset(Immediate|Timeout)\(|\bprocess\.\w|\brandom(UUID|Bytes|Int)\b|\bgetRandomValues\b|from "node:timers/,
    within: /^src\/(runtime|state|plan|analyze|functions|model|catalog)\//,
    why: "what the process, its event loop and its clocks do comes in through ports too",
  },
  { pattern: /\bprocess\.(exit|stdout|stderr)\b/, within: /^(grammar|src\/(?!cli\/))/, why: "only src/cli talks to the terminal" },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, within: /^(grammar|src|test|bench)\/(?!tidy\.test)/, why: "say it in types" },
];

/** A line of a test that is little but one text: a message or a statement that is compared as a whole reads worse in pieces. */
function isTestText(path: string, line: string): boolean {
  const texts = line.matchAll(/(["'`/])(?:\\.|(?!\1).)*(?:\1|$)|^[^`]*(?=`)/g);
  return path.startsWith("test/") && [...texts].some(([text]) => text.length > LINE_LENGTH_MAX / 3);
}

const files = sourceFiles("grammar", "src", "test");

function findingsIn({ path, text }: SourceFile): string[] {
  const bans = BANS.filter(({ within }) => within.test(path));
  return text.split("\n").flatMap((line, index) => {
    const place = `${path}:${index + 1}`;
    const long =
      line.length > LINE_LENGTH_MAX && !isTestText(path, line)
        ? [`${place} has ${line.length} characters, more than ${LINE_LENGTH_MAX}`]
        : [];
    return [...long, ...bans.filter(({ pattern }) => pattern.test(line)).map(({ why }) => `${place} ${line.trim()}: ${why}`)];
  });
}

describe("tidy", () => {
  it("keeps lines short and banned words out", () => {
    expect(files.flatMap(findingsIn)).toEqual([]);
  });

  it("finds what it bans", () => {
    const text = ["const a = Date.now();", "// TO" + "DO later", "x".repeat(141)].join("\n");
    expect(findingsIn({ path: "src/runtime/a.ts", text })).toHaveLength(3);
    expect(findingsIn({ path: "src/adapters/a.ts", text: "setTimeout(f, 1);" })).toEqual([]);
  });

  it("locks the optional packages of every platform, so that npm ci works on all of them", () => {
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in lock.packages || `${path}/node_modules/${name}` in lock.packages),
      ),
    );
    expect(missing).toEqual([]);
  });
});
