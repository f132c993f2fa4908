import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../grammar/ast.ts";
import { parse } from "../../grammar/parse.ts";
import { checkText } from "../../src/analyze/check-text.ts";
import { corpusFiles } from "../analyze/kcql-corpus.ts";
import { mend } from "../support/mend.ts";
import { rejectCases } from "./corpus.ts";

const errorsOf = (text: string): readonly Diagnostic[] => checkText(parse(text)).filter(({ severity }) => severity === "error");
const texts = [...rejectCases(), ...corpusFiles().flatMap(({ cases }) => cases)].map(({ text }) => text);
const refused = texts.map((text) => ({ text, errors: errorsOf(text) })).filter(({ errors }) => errors.length > 0);

/** Texts with one mistake, of which the hint says plainly what to do. */
const mended = refused.flatMap(({ text, errors: [first, ...others] }) => {
  const better = first === undefined || others.length > 0 ? null : mend(text, first);
  return better === null || first === undefined ? [] : [{ text, better, first, hint: first.hint }];
});

describe("hints", () => {
  it("come with nine of ten errors", () => {
    const errors = refused.flatMap((one) => one.errors);
    expect(errors.length).toBeGreaterThan(350);
    expect(errors.filter(({ hint }) => hint !== null).length / errors.length).toBeGreaterThan(0.95);
  });

  it("say often what a program could do", () => {
    expect(mended.length).toBeGreaterThan(120);
  });

  /** What stands behind the mistake may have others of its own. */
  it.each(mended)("mend: $text ($hint)", ({ better, first }) => {
    const upTo = parse(better).diagnostics.filter(({ severity, span }) => severity === "error" && span.start < first.span.end);
    expect(upTo.map(({ message }) => `${message}: ${better}`)).toEqual([]);
    expect(errorsOf(better).map(({ code, message }) => `${code} ${message}`)).not.toContain(`${first.code} ${first.message}`);
  });
});
