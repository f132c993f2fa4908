/**
 * Two texts of the same tree, token by token. Nodes that belong together tell where each of them begins and ends in both
 * texts; the words between nodes are paired from there as long as they are the same.
 */
import type { IToken } from "chevrotain";
import type { Clause, Span } from "./ast.ts";
import { inPrintedOrder } from "./print-clauses.ts";
import type { Statement } from "./statement-ast.ts";
import { endOf, Semicolon } from "./tokens.ts";

export interface ReadText {
  readonly text: string;
  readonly tokens: readonly IToken[];
  readonly statements: readonly Statement[];
}

/** Indexes of tokens in the one text → in the other. Not every token has a counterpart. */
export interface Alignment {
  /** What begins with that token begins with this one. */
  readonly starts: ReadonlyMap<number, number>;
  /** What ends with that token ends with this one. */
  readonly ends: ReadonlyMap<number, number>;
}

export function align(from: ReadText, to: ReadText): Alignment {
  const starts = new Map<number, number>();
  const ends = new Map<number, number>();
  pairNodes(from, to, starts, ends);
  pairSemicolons(from, to, starts, ends);
  for (const [i, j] of starts) if (isSame(from.tokens[i], to.tokens[j]) && !ends.has(i)) ends.set(i, j);
  for (const [i, j] of ends) if (isSame(from.tokens[i], to.tokens[j]) && !starts.has(i)) starts.set(i, j);
  pairWords(from.tokens, to.tokens, starts, ends);
  return { starts, ends };
}

type Pairs = Map<number, number>;

/** A token that begins several nodes begins the largest of them; one that ends several, the largest that is on one line. */
function pairNodes(from: ReadText, to: ReadText, starts: Pairs, ends: Pairs): void {
  const [fromStarts, toStarts] = [from, to].map(({ tokens }) => indexBy(tokens, (token) => token.startOffset)) as [Pairs, Pairs];
  const [fromEnds, toEnds] = [from, to].map(({ tokens }) => indexBy(tokens, endOf)) as [Pairs, Pairs];
  const ofManyLines: Pairs = new Map();
  eachSpan(from.statements, to.statements, (a, b) => {
    const [i, j] = [fromStarts.get(a.start), toStarts.get(b.start)];
    if (i !== undefined && j !== undefined && !starts.has(i)) starts.set(i, j);
    const [k, l] = [fromEnds.get(a.end), toEnds.get(b.end)];
    if (k === undefined || l === undefined) return;
    if (to.text.slice(b.start, b.end).includes("\n")) ofManyLines.set(k, l);
    else if (!ends.has(k)) ends.set(k, l);
  });
  for (const [k, l] of ofManyLines) if (!ends.has(k)) ends.set(k, l);
}

const indexBy = (tokens: readonly IToken[], offset: (token: IToken) => number): Pairs =>
  new Map(tokens.map((token, index) => [offset(token), index]));

/** All spans of two equal trees, parents first. */
function eachSpan(a: unknown, b: unknown, visit: (a: Span, b: Span) => void): void {
  if (!isObject(a) || !isObject(b)) return;
  if (isSpan(a) && isSpan(b)) visit(a, b);
  else if (isSpan(a["span"]) && isSpan(b["span"])) visit(a["span"], b["span"]);
  for (const [key, inner] of Object.entries(a)) {
    if (key === "clauses") eachSpan(inPrintedOrder(inner as Clause[]), inPrintedOrder(b[key] as Clause[]), visit);
    else if (key !== "span") eachSpan(inner, b[key], visit);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isSpan = (value: unknown): value is Span => isObject(value) && typeof value["start"] === "number";

/** What ends a statement, where both texts have it. */
function pairSemicolons(from: ReadText, to: ReadText, starts: Pairs, ends: Pairs): void {
  const others = semicolonsOf(to);
  for (const [statement, i] of semicolonsOf(from).entries()) {
    const j = others[statement] ?? -1;
    if (i < 0 || j < 0) continue;
    starts.set(i, j);
    ends.set(i, j);
  }
}

function semicolonsOf({ tokens, statements }: ReadText): number[] {
  let index = 0;
  return statements.map(({ span }) => {
    while (index < tokens.length && (tokens[index] as IToken).startOffset < span.end) index++;
    return tokens[index]?.tokenType === Semicolon ? index : -1;
  });
}

/** From what is paired already in both directions, until the texts differ. */
function pairWords(from: readonly IToken[], to: readonly IToken[], starts: Pairs, ends: Pairs): void {
  const taken = new Set([...starts.values(), ...ends.values()]);
  const known = [...starts, ...ends];
  for (const step of [-1, 1]) {
    for (const [knownFrom, knownTo] of known) {
      let [i, j] = [knownFrom + step, knownTo + step];
      while (!starts.has(i) && !ends.has(i) && !taken.has(j) && isSame(from[i], to[j])) {
        starts.set(i, j);
        ends.set(i, j);
        taken.add(j);
        [i, j] = [i + step, j + step];
      }
    }
  }
}

const isSame = (a: IToken | undefined, b: IToken | undefined): boolean =>
  a !== undefined && b !== undefined && a.image.toUpperCase() === b.image.toUpperCase();
