/**
 * The corpus of KCQL: files of texts with what must be said about each, one empty line between them.
 * `--= ` the facts of a statement, `--! ` an error, `--? ` a warning: line:column CODE message | hint, counted from the
 * line below them. `--# ` is a heading.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { lineAndColumn } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { checkText } from "../../src/analyze/check-text.ts";
import { statementFacts } from "../../src/analyze/facts/statement-facts.ts";
import { hasErrors } from "../../src/analyze/reporter.ts";

const folder = new URL("../../grammar/corpus/kcql/", import.meta.url);

export interface CorpusCase {
  readonly heading: readonly string[];
  readonly expected: readonly string[];
  readonly text: string;
}
export interface CorpusFile {
  readonly name: string;
  readonly cases: readonly CorpusCase[];
}

const EXPECTATION = /^--[=!?] /;

export function corpusFiles(): CorpusFile[] {
  return readdirSync(folder).map((name) => {
    const blocks = readFileSync(new URL(name, folder), "utf8").trimEnd().split("\n\n");
    return { name, cases: blocks.map(toCase) };
  });
}

function toCase(block: string): CorpusCase {
  const lines = block.split("\n");
  const expected = lines.filter((line) => EXPECTATION.test(line));
  const heading = lines.filter((line) => line.startsWith("--# "));
  return { heading, expected, text: lines.filter((line) => !EXPECTATION.test(line) && !line.startsWith("--# ")).join("\n") };
}

/** What is said about a text, in the words of the corpus. */
export function sayAbout(text: string): string[] {
  const parsed = parse(text);
  const diagnostics = checkText(parsed);
  const said = diagnostics.map(({ severity, code, message, hint, span }) => {
    const { line, column } = lineAndColumn(text, span.start);
    return `--${severity === "error" ? "!" : "?"} ${line}:${column} ${code} ${message}${hint === null ? "" : ` | ${hint}`}`;
  });
  const facts = hasErrors(diagnostics) ? [] : statementFacts(parsed);
  return [...said, ...facts.map((one) => `--= ${JSON.stringify(one)}`)];
}

/** Writes down what is said now; for reading over, never to make a test pass. */
export function updateCorpus(): void {
  for (const { name, cases } of corpusFiles()) {
    const blocks = cases.map(({ heading, text }) =>
      [...heading, ...(text === "" ? [] : sayAbout(text)), text].filter((line) => line !== "").join("\n"),
    );
    writeFileSync(new URL(name, folder), `${blocks.join("\n\n")}\n`);
  }
}
