import type { Diagnostic } from "../../grammar/ast.ts";

/** What a hint asks for, done to the text; null: the hint explains, or shows an example, and it takes a person. */
export function mend(text: string, { hint, span }: Diagnostic): string | null {
  if (hint === null) return null;
  const [before, written, behind] = [text.slice(0, span.start), text.slice(span.start, span.end), text.slice(span.end)];
  const join = /--[^\n]*$/.test(before.trimEnd()) ? "\n" : " ";
  const without = `${before.trimEnd()}${join}${behind.trimStart()}`.trimEnd();
  for (const [pattern, rewrite] of MENDS) {
    const meant = pattern.exec(hint);
    if (meant !== null) return rewrite({ before, written, behind, without, meant: meant[1] ?? "" });
  }
  return null;
}

interface Pieces {
  readonly before: string;
  readonly written: string;
  readonly behind: string;
  /** The text without what was written. */
  readonly without: string;
  readonly meant: string;
}

const replaced = ({ before, behind, meant }: Pieces): string => before + meant + behind;
const inserted = ({ before, written, behind, meant }: Pieces): string =>
  `${before.trimEnd()}${/^[),\]]/.test(meant) ? "" : " "}${meant} ${written}${behind}`.trimEnd();

const MENDS: readonly (readonly [RegExp, (pieces: Pieces) => string | null])[] = [
  [/^(?:did you mean|write) (\S+?)\??$/, (pieces) => (/^(?:[\w.-]+|'[^']*')$/.test(pieces.written) ? replaced(pieces) : null)],
  [/^is (?:a )?'(.+)' missing/, inserted],
  [/^is (\w+) missing/, inserted],
  [/^leave the comma before it out$/, ({ before, written, behind }) => before.replace(/,(?=[^,]*$)/, "") + written + behind],
  [/^leave the dot out/, ({ before, written, behind }) => before.replace(/\.\s*$/, " ") + written + behind],
  [/^leave the AS out/, ({ before, written, behind }) => before.replace(/AS\s*$/i, " ") + written + behind],
  [/^leave '?(.+?)'? out$/, ({ written, meant, without }) => (written.startsWith(meant) ? without : null)],
  [
    /^(?:keep one of them|leave it out)$/,
    ({ before, without }) => (/,\s*$/.test(before) ? without.replace(before.trimEnd(), before.replace(/,\s*$/, "")) : without),
  ],
  [/^\w+ is written without =$/, ({ without }) => without],
  [/^equality is written with one =$/, ({ without }) => without],
  [/^a field (?:called \w+|of that name) is written (`\w+`)$/, replaced],
  [/^a text is written in quotes: ('.+')$/, replaced],
];
