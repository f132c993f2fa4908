import type { Split } from "../../../grammar/split.ts";
import type { Statement } from "../../../grammar/statement-ast.ts";
import { dotted } from "../../analyze/resolve-name.ts";

/** A statement that means something to those behind it, as it was written. */
export interface Said {
  readonly statement: Statement;
  readonly text: string;
}

/** What was said so far, with one statement more. */
export function afterStatement(preamble: readonly Said[], said: Said): readonly Said[] {
  const { statement } = said;
  switch (statement.kind) {
    case "set":
    case "unset":
    case "define":
    case "undefine":
    case "with":
      return [...preamble, said];
    case "create":
      // What CREATE … AS SELECT declares is written by a pipeline of its own.
      return statement.select === null ? [...preamble, said] : preamble;
    case "drop":
      return preamble.filter(({ statement: one }) => one.kind !== "create" || dotted(one.name) !== dotted(statement.name));
    default:
      return preamble;
  }
}

/** The statement as it stands in the text, with the comments before it and its `;`. */
export function writtenText(text: string, { statements, rest }: Split, { span }: Statement): string {
  const own = statements.find(({ end }) => end >= span.end) ?? rest ?? span;
  return `${text.slice(own.start, own.end).trim().replace(/;$/, "")};`;
}

/**
 * The text of a pipeline: what was said before its statement and concerns it, then the statement. Settings concern all;
 * declarations, stages and variables those that name them.
 */
export function pipelineText(preamble: readonly Said[], own: string): string {
  return preamble.reduceRight((text, { statement, text: said }) => (concerns(statement, text) ? `${said}\n${text}` : text), `${own}\n`);
}

function concerns(statement: Statement, text: string): boolean {
  const isNamed = (name: string): boolean => new RegExp(`(?<!\\w)${RegExp.escape(name)}(?!\\w)`, "i").test(text);
  switch (statement.kind) {
    case "set":
    case "unset":
      return true;
    case "define":
    case "undefine":
      return text.toLowerCase().includes(`\${${statement.name.toLowerCase()}}`);
    case "with":
      return statement.stages.some(({ name }) => isNamed(name.name));
    case "create":
      // A topic by its own name means what is declared on it. A name made of variables may be any.
      return [dotted(statement.name), ...statement.options.map(({ value }) => String(value))].some(
        (name) => name.includes("${") || isNamed(name),
      );
    default:
      return false;
  }
}
