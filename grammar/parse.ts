import type { IToken } from "chevrotain";
import type { Diagnostic } from "./ast.ts";
import { errorAt } from "./diagnostics.ts";
import { DEPTH_MAX, isTooLarge, lexicalErrors, TEXT_BYTES_MAX, tooDeepAt } from "./lexical-errors.ts";
import type { ParseResult, Statement } from "./statement-ast.ts";
import { statementNames } from "./statement-names.ts";
import { sharedParser } from "./statements.ts";
import { DIAGNOSTICS_MAX, findSyntaxErrors, type SyntaxErrors } from "./syntax-errors.ts";
import { endOf, Semicolon, tokenize, Unclosed, UnknownCharacter } from "./tokens.ts";
import { expressionsOf, selectsOf, walk } from "./walk.ts";

/** A tree as deep as this comes from a long row of operators; those who walk trees by recursion stay within their stack. */
const TREE_DEPTH_MAX = 1_000;

/**
 * Text to trees. Never throws: what is wrong with the text is in `diagnostics`, in the order of the text.
 * After a broken statement the ones behind the next `;` are still parsed. With an error among the diagnostics the
 * statements are for tools only (hover, completion): they may hold `missing` nodes and empty paths, or be left out.
 */
export function parse(text: string): ParseResult {
  if (isTooLarge(text)) {
    const message = `the text has more than ${TEXT_BYTES_MAX} bytes`;
    return {
      text,
      statements: [],
      diagnostics: [errorAt("TOO_LARGE", message, { start: 0, end: 0 }, "split it into several files")],
      incomplete: false,
    };
  }
  const { tokens, comments } = tokenize(text);
  const { names, diagnostics } = statementNames(tokens, comments);
  for (const diagnostic of lexicalErrors(tokens)) diagnostics.push(diagnostic);
  const statements: Statement[] = [];
  let incomplete = false;
  for (const piece of piecesOf(tokens, text.length)) {
    const read = readPiece(piece, names);
    if (read.statement !== null) statements.push(read.statement);
    for (const diagnostic of read.diagnostics) diagnostics.push(diagnostic);
    incomplete = (read.incomplete && piece.last) || piece.cut;
    if (diagnostics.length >= DIAGNOSTICS_MAX) break;
  }
  diagnostics.sort((a, b) => a.span.start - b.span.start);
  return { text, statements, diagnostics: diagnostics.slice(0, DIAGNOSTICS_MAX), incomplete };
}

/** The tokens of one statement, up to its `;`. */
interface Piece {
  readonly tokens: IToken[];
  readonly textEnd: number;
  /** No `;` follows. */
  readonly last: boolean;
  /** Offsets behind unknown characters, where an error is most likely only their consequence. */
  readonly doubtful: ReadonlySet<number>;
  /** Something in it never ends, so what stands behind is unknown. */
  readonly cut: boolean;
}

function piecesOf(tokens: readonly IToken[], textLength: number): Piece[] {
  const pieces: Piece[] = [];
  let start = 0;
  for (let index = 0; index <= tokens.length; index++) {
    const token = tokens[index];
    if (token !== undefined && token.tokenType !== Semicolon) continue;
    const own = tokens.slice(start, index);
    const cutAt = own.findIndex((one) => one.tokenType === Unclosed);
    const known = (cutAt === -1 ? own : own.slice(0, cutAt)).filter((one) => one.tokenType !== UnknownCharacter);
    start = index + 1;
    if (known.length === 0 && cutAt === -1) continue;
    const doubtful = new Set(own.filter((_, at) => own[at - 1]?.tokenType === UnknownCharacter).map((one) => one.startOffset));
    pieces.push({ tokens: known, textEnd: token?.startOffset ?? textLength, last: token === undefined, doubtful, cut: cutAt !== -1 });
  }
  return pieces;
}

interface Read {
  /** Null where nothing was left to keep, or where keeping it would be dangerous. */
  readonly statement: Statement | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly incomplete: boolean;
}

function readPiece(piece: Piece, names: ReadonlyMap<number, string>): Read {
  const deep = tooDeepAt(piece.tokens);
  if (deep !== null) {
    const tooDeep = errorAt(
      "TOO_DEEP",
      `nested more than ${DEPTH_MAX} levels deep`,
      { start: deep.startOffset, end: endOf(deep) },
      "stages of WITH can take parts of it",
    );
    return { statement: null, diagnostics: [tooDeep], incomplete: false };
  }
  if (piece.tokens.length === 0) return { statement: null, diagnostics: [], incomplete: false };
  const parser = sharedParser();
  const { statement, findings } = parser.read(piece.tokens, names, piece.textEnd);
  const syntax = parser.errors.length === 0 ? NO_ERRORS : findSyntaxErrors(piece.tokens, parser.errors, piece.cut);
  const chain = statement === null || piece.tokens.length < TREE_DEPTH_MAX ? null : longChain(statement);
  return {
    statement: chain === null ? statement : null,
    diagnostics: [
      ...syntax.diagnostics.filter(({ span }) => !piece.doubtful.has(span.start)),
      ...findings,
      ...(chain === null ? [] : [chain]),
    ],
    incomplete: syntax.incomplete,
  };
}

const NO_ERRORS: SyntaxErrors = { diagnostics: [], incomplete: false };

/** `a OR b OR c …` with more members than a tree may have levels. */
function longChain(statement: Statement): Diagnostic | null {
  for (const root of selectsOf(statement).flatMap(expressionsOf)) {
    let depthMax = 0;
    walk(root, (_, depth) => {
      depthMax = Math.max(depthMax, depth);
    });
    if (depthMax > TREE_DEPTH_MAX) {
      return errorAt("TOO_DEEP", `more than ${TREE_DEPTH_MAX} operators in a row`, root.span, "IN (…) takes any number");
    }
  }
  return null;
}
