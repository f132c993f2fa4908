/** The canonical text of a whole file, with its comments. */
import type { IToken } from "chevrotain";
import type { ReadText } from "./align.ts";
import type { Diagnostic } from "./ast.ts";
import { type Comments, isLineComment, type PlacedComment, placeComments } from "./comments.ts";
import { type Layout, layOut } from "./layout.ts";
import { parse } from "./parse.ts";
import { printPipeline, printStatement } from "./print.ts";
import { inPrintedOrder } from "./print-clauses.ts";
import type { Statement } from "./statement-ast.ts";
import { Comma, RightBracket, RightParen, Semicolon, tokenize } from "./tokens.ts";

export interface Formatted {
  /** Null: the text has errors, and stays as it is. */
  readonly text: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * One clause a line, in the canonical order and spelling; statements and comments are all there. Formatting what was
 * formatted changes nothing.
 */
export function format(text: string): Formatted {
  const { statements, diagnostics } = parse(text);
  if (diagnostics.some(({ severity }) => severity === "error")) return { text: null, diagnostics };
  const canonical = printPipeline(statements.map(withoutName));
  const { tokens } = tokenize(canonical);
  const source = { text, statements, ...tokenize(text) };
  const comments = placeComments(source, { text: canonical, statements: parse(canonical).statements, tokens });
  const formatted = weave(tokens, layOut(canonical, tokens, comments), comments, neighbours(source));
  mustSayTheSame(text, formatted);
  return { text: formatted, diagnostics };
}

/** Statements of one line that are followed by one on the next line: settings stay together. By their index. */
function neighbours({ text, statements }: ReadText): ReadonlySet<number> {
  const short = statements.map((statement) => !printStatement(withoutName(statement)).includes("\n"));
  const together = statements.flatMap(({ span }, index) => {
    const next = statements[index + 1];
    const gap = next === undefined ? "" : text.slice(span.end, next.span.start);
    return next !== undefined && short[index] && short[index + 1] && /^(?:[\s;]|--[^\n]*\n)*$/.test(gap) && !/\n\s*\n/.test(gap)
      ? [index]
      : [];
  });
  return new Set(together);
}

/** `@name` is a comment, and stays where it is. */
function withoutName(statement: Statement): Statement {
  if (statement.kind === "insert") return { ...statement, name: null };
  if (statement.kind !== "explain" || statement.statement.kind !== "insert") return statement;
  return { ...statement, statement: { ...statement.statement, name: null } };
}

/** A file is never overwritten by anything that says less, or something else. */
function mustSayTheSame(before: string, after: string): void {
  if (essence(before) !== essence(after)) throw new Error(`formatting would change what the text says:\n${after}`);
}

function essence(text: string): string {
  const { statements, diagnostics } = parse(text);
  const comments = tokenize(text).comments.map(({ image }) => (image.startsWith("--") ? image.trimEnd() : image));
  const faults = diagnostics.filter(({ severity }) => severity === "error");
  return JSON.stringify([comments.sort(), faults, statements], (key, value: unknown) => {
    if (key === "span" || key === "textSpan" || key === "quoted") return undefined;
    return key === "clauses" ? inPrintedOrder(value as Parameters<typeof inPrintedOrder>[0]) : value;
  });
}

/** Nothing stands between these and what is before them. */
const CLOSING: ReadonlySet<unknown> = new Set([Comma, Semicolon, RightParen, RightBracket]);

function weave(tokens: readonly IToken[], { spaces, indents }: Layout, comments: Comments, together: ReadonlySet<number>): string {
  let text = "";
  let statement = -1;
  for (let gap = 0; gap <= tokens.length; gap++) {
    const here = comments.get(gap) ?? [];
    const token = tokens[gap];
    const between = gap === 0 || token === undefined || tokens[gap - 1]?.tokenType === Semicolon;
    if (tokens[gap - 1]?.tokenType === Semicolon) statement++;
    if (between && together.has(statement) && here.every(({ place }) => place === "behind")) {
      text += `${here.map((comment) => ` ${comment.text}`).join("")}\n${token?.image ?? ""}`;
      continue;
    }
    const space = spaces[gap] ?? "";
    const broken = `\n${token?.tokenType === Semicolon ? "" : (indents[gap] ?? "")}`;
    const glued = CLOSING.has(token?.tokenType);
    text += (between ? betweenStatements(here, gap === 0, token === undefined) : within(here, space, broken, glued)) + (token?.image ?? "");
  }
  return text;
}

const textsOf = (comments: readonly PlacedComment[], place: PlacedComment["place"]): string[] =>
  comments.filter((comment) => comment.place === place).map(({ text }) => text);

/** What stands between two tokens of one statement. */
function within(comments: readonly PlacedComment[], space: string, broken: string, glued: boolean): string {
  if (comments.length === 0) return space;
  const [behind, alone, before] = [textsOf(comments, "behind"), textsOf(comments, "alone"), textsOf(comments, "before")];
  const mustBreak = alone.length > 0 || comments.some(isLineComment);
  if (!mustBreak && !space.includes("\n")) return [...behind, ...before].map((one) => ` ${one}`).join("") + (glued ? space : " ");
  const head = behind.map((one) => ` ${one}`).join("");
  const tail = before.map((one) => `${one} `).join("");
  const newLine = space.includes("\n") ? space : broken;
  return head + [...alone, tail].map((one) => newLine + one).join("");
}

/** What stands before the first statement, between two, and behind the last. */
function betweenStatements(comments: readonly PlacedComment[], isFirst: boolean, isLast: boolean): string {
  const behind = isFirst ? [] : comments.filter(({ place }) => place === "behind");
  const others = comments.filter((comment) => !behind.includes(comment));
  let text = behind.map((comment) => ` ${comment.text}`).join("");
  if (!isFirst) text += "\n";
  if (!isFirst && (others.length > 0 || !isLast)) text += "\n";
  for (const [index, comment] of others.entries()) {
    const isEnd = index === others.length - 1;
    const blank = isEnd ? comment.blankBehind && !isLast : comment.blankBehind || others[index + 1]?.blankBefore === true;
    const sameLine = comment.place === "before" && !isLast;
    text += comment.text + (sameLine ? " " : blank ? "\n\n" : "\n");
  }
  return text;
}
