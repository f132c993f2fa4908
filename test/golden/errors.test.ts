/**
 * What people see when they mistype: each file of `errors/` is a theme, each case a text, what is printed about it, and
 * the text again where the hint says so plainly what to write that a program can do it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../grammar/ast.ts";
import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { checkText } from "../../src/analyze/check-text.ts";
import { analyze, TEMPERATURES } from "../analyze/catalog.ts";
import { mend } from "../support/mend.ts";

const folder = new URL("errors/", import.meta.url);
const RULE = "-".repeat(80);
/** In the first line of a file: its texts are pipelines of a project, behind the declaration of `temperatures`. */
const PROJECT = "# In a project";

type Check = (text: string) => readonly Diagnostic[];

const checkAlone: Check = (text) => checkText(parse(text));

/** The declaration stands in one line before the text, so that places are those of the text. */
const DECLARATION = TEMPERATURES.replaceAll("\n", " ");
const checkInProject: Check = (text) =>
  analyze(DECLARATION + text).diagnostics.map((diagnostic) => {
    const { start, end } = diagnostic.span;
    return { ...diagnostic, span: { start: start - DECLARATION.length, end: end - DECLARATION.length } };
  });

interface Case {
  readonly text: string;
  readonly check: Check;
}

function casesOf(file: string): { readonly title: string; readonly cases: readonly Case[] } {
  const [title = "", ...blocks] = readFileSync(new URL(file, folder), "utf8").split(`\n${RULE}\n`);
  const check = title.startsWith(PROJECT) ? checkInProject : checkAlone;
  return { title, cases: blocks.map((block) => ({ text: block.split("\n\n")[0]?.trimEnd() ?? "", check })) };
}

function rendered({ text, check }: Case): string {
  const found = check(text);
  const shown = found.map((diagnostic) => renderDiagnostic(text, diagnostic)).join("\n\n");
  const [first, second] = found;
  const fixed = first === undefined || second !== undefined ? null : mend(text, first);
  return `${text}\n\n${shown}${fixed === null ? "" : `\n\nfixed:\n${fixed}`}`;
}

const files = readdirSync(folder);

describe.each(files)("%s", (file) => {
  const { title, cases } = casesOf(file);

  it("says what the file says", async () => {
    await expect(`${[title, ...cases.map(rendered)].join(`\n${RULE}\n`).trimEnd()}\n`).toMatchFileSnapshot(`errors/${file}`);
  });

  it.each(cases)("says something, in the text: $text", ({ text, check }) => {
    const found = check(text);
    expect(found.length).toBeGreaterThan(0);
    for (const { span } of found) expect(span.start).toBeGreaterThanOrEqual(0);
  });

  it.each(cases)("is mended by what the hint says: $text", ({ text, check }) => {
    const [first, second] = check(text);
    const fixed = first === undefined || second !== undefined ? null : mend(text, first);
    if (fixed === null || first === undefined) return;
    expect(check(fixed).map(({ code, message }) => `${code} ${message}`)).not.toContain(`${first.code} ${first.message}`);
    expect(check(fixed).filter(({ severity }) => severity === "error")).toEqual([]);
  });
});

const all = files.flatMap((file) => casesOf(file).cases);

it("has at least sixty mistakes, most of them with a hint", () => {
  const hinted = all.filter(({ text, check }) => check(text).some(({ hint }) => hint !== null));
  expect(all.length).toBeGreaterThanOrEqual(60);
  expect(hinted.length / all.length).toBeGreaterThan(0.95);
});
