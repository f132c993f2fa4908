import { describe, expect, it } from "vitest";
import { CLAUSE_NAMES, factName } from "../../grammar/clause-table.ts";
import { DIAGNOSTIC_CODES } from "../../grammar/diagnostic-codes.ts";
import { parse } from "../../grammar/parse.ts";
import { printPipeline } from "../../grammar/print.ts";
import { statementFacts } from "../../src/analyze/facts/statement-facts.ts";
import { type CorpusCase, corpusFiles, sayAbout, updateCorpus } from "./kcql-corpus.ts";

if (process.env["UPDATE_CORPUS"] === "1") updateCorpus();
const files = corpusFiles().map(({ name, cases }) => ({ name, cases: cases.filter(({ text }) => text !== "") }));
const all = files.flatMap(({ cases }) => cases);
const isRefused = ({ expected }: CorpusCase): boolean => expected.some((line) => line.startsWith("--! "));
const accepted = all.filter((one) => !isRefused(one));
const refused = all.filter(isRefused);

describe.each(files)("$name", ({ cases }) => {
  it.each(cases)("$text", ({ text, expected }) => {
    expect(sayAbout(text)).toEqual(expected);
  });
});

describe("the corpus", () => {
  it("has enough of both kinds", () => {
    expect(accepted.length).toBeGreaterThanOrEqual(200);
    expect(refused.length).toBeGreaterThanOrEqual(200);
  });

  it.each(CLAUSE_NAMES)("takes %s and refuses it where it is wrong", (name) => {
    const mentions = ({ text }: CorpusCase): boolean => new RegExp(`\\b${name}\\b`, "i").test(text);
    expect(
      accepted.filter(mentions).flatMap(({ expected }) => expected.filter((line) => line.includes(`"${factName(name)}":`))),
    ).not.toEqual([]);
    expect(refused.filter(mentions)).not.toEqual([]);
  });

  it("says what is wrong with known codes", () => {
    const codes = all.flatMap(({ expected }) => expected.flatMap((line) => /^--[!?] \d+:\d+ (\w+) /.exec(line)?.[1] ?? []));
    expect([...new Set(codes)].filter((code) => !(code in DIAGNOSTIC_CODES))).toEqual([]);
  });

  /** Texts as written (PARTITIONBY, GROUP BY) may be written otherwise: their spaces and quotes are left out. */
  it.each(accepted)("means the same when printed: $text", ({ text }) => {
    const parsed = parse(text);
    const printed = parse(printPipeline(parsed.statements));
    const meaning = (result: typeof parsed): string =>
      JSON.stringify(statementFacts(result))
        .replaceAll(/[\s`'"\\]/g, "")
        .toLowerCase();
    expect(meaning(printed)).toBe(meaning(parsed));
  });
});
