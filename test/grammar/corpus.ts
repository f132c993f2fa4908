import { readFileSync } from "node:fs";

const read = (name: string): string => readFileSync(new URL(`../../grammar/corpus/${name}`, import.meta.url), "utf8");

/** A whole file of canonical statements. */
export const identityText = (): string => read("identity.sql");

/** The statements of the identity corpus, each without its `;`. */
export const identityStatements = (): string[] =>
  identityText()
    .trimEnd()
    .split(/;\n\n|;$/)
    .filter((statement) => statement !== "");

export interface RejectCase {
  readonly text: string;
  /** `1:10 SYNTAX unexpected 'FORM' | did you mean FROM?` */
  readonly expected: readonly string[];
}

export function rejectCases(): RejectCase[] {
  const [, ...blocks] = read("reject.sql").trimEnd().split("\n\n");
  return blocks.map((block) => {
    const lines = block.split("\n");
    const isExpectation = (line: string): boolean => line.startsWith("--! ");
    return {
      text: lines.filter((line) => !isExpectation(line)).join("\n"),
      expected: lines.filter(isExpectation).map((line) => line.slice("--! ".length)),
    };
  });
}
