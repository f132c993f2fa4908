import { printString } from "../../../grammar/print-names.ts";

/** A statement (or nothing) below its comments; without the `;`. */
export function commentedStatement(comments: readonly string[], statement: string): string {
  return [...comments.map((comment) => `-- ${comment}`.trimEnd()), ...(statement === "" ? [] : [statement])].join("\n");
}

export function setText(name: string, value: string | number): string {
  return `SET ${printString(name)} = ${typeof value === "number" ? value : printString(value)}`;
}

/** A whole file: each statement with its `;`, an empty line between them. */
export function pipelineText(statements: readonly string[]): string {
  const isComment = (text: string): boolean => text.split("\n").every((line) => line.startsWith("--"));
  return statements.map((text) => (isComment(text) ? `${text}\n` : `${text};\n`)).join("\n");
}
