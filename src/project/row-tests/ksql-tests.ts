import { dirname, join } from "node:path";
import { lineAndColumn } from "../../../grammar/diagnostics.ts";
import { split } from "../../../grammar/split.ts";
import { tokenize } from "../../../grammar/tokens.ts";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { readSourceText } from "../source-text.ts";

/** Files of ksqlDB's testing tool: statements of which `--@test: name` begins a test each. */
const NAME = /\.test\.sql$/i;

export function isKsqlTestFile(file: string): boolean {
  return NAME.test(file);
}

/** A test of such a file. */
export interface KsqlTest {
  readonly name: string;
  /** Where it begins, from 1. */
  readonly line: number;
  /** The file's text with nothing but the test in it, so that places are those of the file. */
  readonly text: string;
  /** `--@expected.error`: a code of ours, or a class of ksqlDB's; null: none is expected. */
  readonly expectedError: string | null;
  /** `--@expected.message`: a part of it; null: any. */
  readonly expectedMessage: string | null;
}

const DIRECTIVE = /^--@(test|expected\.error|expected\.message)\s*:\s*(.*?)\s*$/;

/** The tests of a file's text, in its order. */
export function readKsqlTests(text: string): readonly KsqlTest[] {
  const directives = tokenize(text).comments.flatMap(({ image, startOffset }) => {
    const [, word = "", value = ""] = DIRECTIVE.exec(image) ?? [];
    return word === "" ? [] : [{ word, value, startOffset }];
  });
  const starts = directives.filter(({ word }) => word === "test");
  return starts.map(({ value: name, startOffset: start }, index) => {
    const end = starts[index + 1]?.startOffset ?? text.length;
    const said = (wanted: string): string | null =>
      directives.find(({ word, startOffset }) => word === wanted && startOffset > start && startOffset < end)?.value ?? null;
    return {
      name,
      line: lineAndColumn(text, start).line,
      text: onlyBetween(text, start, end),
      expectedError: said("expected.error"),
      expectedMessage: said("expected.message"),
    };
  });
}

/** All else is blank, line by line. */
export function onlyBetween(text: string, start: number, end: number): string {
  return text.slice(0, start).replace(/[^\n]/g, " ") + text.slice(start, end);
}

/** A text in which scripts stand where they are run. */
export interface ExpandedText {
  readonly text: string;
  /** Where in the test's own text that stands, or the script that it comes from is run. */
  originOf(offset: number): number;
}

const RUN_SCRIPT = /^(\s*(?:--[^\n]*\n\s*)*)RUN\s+SCRIPT\s+'((?:[^']|'')*)'\s*;?\s*$/i;
const SCRIPTS_DEPTH_MAX = 16;

/** `RUN SCRIPT 'file'` becomes what is in the file, which is looked for beside the one that runs it. Rejects with FILE_UNREADABLE. */
export async function withScripts(text: string, file: string, depth = 0): Promise<ExpandedText> {
  const { statements, rest } = split(text);
  const pieces: { readonly at: number; readonly from: number; readonly isScript: boolean }[] = [];
  let whole = "";
  for (const { start, end } of [...statements, ...(rest === null ? [] : [rest])]) {
    const [, before = "", script] = RUN_SCRIPT.exec(text.slice(start, end)) ?? [];
    pieces.push({ at: whole.length, from: start + before.length, isScript: script !== undefined });
    if (script === undefined) whole += text.slice(start, end);
    else whole += `${await scriptText(script, file, depth)}\n`;
  }
  const originOf = (offset: number): number => {
    const piece = pieces.findLast(({ at }) => at <= offset);
    return piece === undefined ? offset : piece.isScript ? piece.from : piece.from + offset - piece.at;
  };
  return { text: whole, originOf };
}

async function scriptText(script: string, file: string, depth: number): Promise<string> {
  if (depth === SCRIPTS_DEPTH_MAX) throw new SluiceError("TEST_INVALID", `scripts run scripts more than ${SCRIPTS_DEPTH_MAX} deep`);
  const path = join(dirname(file), script.replaceAll("''", "'"));
  const { text } = await readSourceText(path, LIMITS.statementBytesMax);
  return (await withScripts(text, path, depth + 1)).text;
}
