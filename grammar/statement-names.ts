import type { IToken } from "chevrotain";
import type { Diagnostic } from "./ast.ts";
import { errorAt } from "./diagnostics.ts";
import { describeText } from "./expected.ts";
import { isPlainName } from "./names.ts";
import { endOf, K } from "./tokens.ts";

const nameComment = /^(?:--|\/\*)\s*@name\b[ \t]*(.*?)\s*(?:\*\/)?$/s;

export const isNameComment = (comment: string): boolean => nameComment.test(comment);

/** The `@name` comments of a text: offset of the INSERT behind → name. */
export function statementNames(
  tokens: readonly IToken[],
  comments: readonly IToken[],
): { names: Map<number, string>; diagnostics: Diagnostic[] } {
  const names = new Map<number, string>();
  const diagnostics: Diagnostic[] = [];
  let index = 0;
  for (const comment of comments) {
    const name = nameComment.exec(comment.image)?.[1];
    if (name === undefined) continue;
    while (index < tokens.length && (tokens[index] as IToken).startOffset < comment.startOffset) index++;
    const token = tokens[index];
    const report = (message: string, hint: string | null): void => {
      diagnostics.push(errorAt("INVALID_NAME", message, { start: comment.startOffset, end: endOf(comment) }, hint));
    };
    if (!isStatementName(name)) {
      report(`${describeText(name)} cannot be the name of a statement`, "letters, digits, '_', '-' and '.' can");
    } else if (token?.tokenType !== K.INSERT && token?.tokenType !== K.UPSERT && token?.tokenType !== K.UPDATE) {
      report("@name has no effect here", "it names the INSERT or UPSERT that follows it");
    } else {
      if (names.has(token.startOffset)) report("the statement is named twice", "keep one of them");
      names.set(token.startOffset, name);
    }
  }
  return { names, diagnostics };
}

const isStatementName = (name: string): boolean =>
  name !== "" && name.split(/[-.]/).every((part) => /^\w+$/.test(part) || isPlainName(part));
