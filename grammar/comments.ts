/** Where the comments of a text stand, and where they belong in another text of the same statements. */
import type { IToken } from "chevrotain";
import { align, type ReadText } from "./align.ts";
import { isNameComment } from "./statement-names.ts";
import { Comma, endOf, LeftBracket, LeftParen, PairsOpen, Semicolon } from "./tokens.ts";

export interface PlacedComment {
  readonly text: string;
  /** On the line of the token before it, alone on its lines, or on the line of the token behind it. */
  readonly place: "behind" | "alone" | "before";
  readonly blankBefore: boolean;
  readonly blankBehind: boolean;
}

/** By the index of the token that they stand before; its number is that of all tokens at the end. */
export type Comments = ReadonlyMap<number, readonly PlacedComment[]>;

export const isLineComment = ({ text }: PlacedComment): boolean => text.startsWith("--");

/**
 * The comments of a text for another text of its statements. What stands behind something on its line goes where that
 * goes; everything else goes with what follows.
 */
export function placeComments(from: ReadText & { readonly comments: readonly IToken[] }, to: ReadText): Comments {
  const { tokens, comments, text } = from;
  const { starts, ends } = align(from, to);
  const placed = new Map<number, PlacedComment[]>();
  let next = 0;
  for (const [index, comment] of comments.entries()) {
    while (next < tokens.length && (tokens[next] as IToken).startOffset < comment.startOffset) next++;
    const one = describe(text, comment, { tokens, next }, comments[index - 1], comments[index + 1]);
    const behind = one.place === "behind" ? ends.get(next - 1) : undefined;
    let follower = next;
    while (follower < tokens.length && !starts.has(follower)) follower++;
    const gap = behind === undefined ? (starts.get(follower) ?? to.tokens.length) : behind + 1;
    placed.set(gap, [...(placed.get(gap) ?? []), one]);
  }
  return beforeSeparators(placed, to.tokens);
}

function describe(
  text: string,
  comment: IToken,
  { tokens, next }: { readonly tokens: readonly IToken[]; readonly next: number },
  earlier: IToken | undefined,
  later: IToken | undefined,
): PlacedComment {
  const [start, end] = [comment.startOffset, endOf(comment)];
  const [previous, follower] = [tokens[next - 1], tokens[next]];
  const isLine = comment.image.startsWith("--");
  const onLineOf = (from: number, to: number): boolean => !text.slice(from, to).includes("\n");
  const behind = previous !== undefined && onLineOf(endOf(previous), start);
  const before = !isLine && follower !== undefined && onLineOf(end, follower.startOffset);
  const shared = { text: isLine ? comment.image.trimEnd() : comment.image };
  const gapBefore = text.slice(Math.max(previous === undefined ? 0 : endOf(previous), earlier === undefined ? 0 : endOf(earlier)), start);
  const gapBehind = text.slice(end, Math.min(follower?.startOffset ?? text.length, later?.startOffset ?? text.length));
  const blanks = { blankBefore: isBlank(gapBefore), blankBehind: isBlank(gapBehind) };
  if (isNameComment(comment.image)) return { ...shared, ...blanks, place: "alone" };
  if (behind && !(before && OPENING.has(previous.tokenType))) return { ...shared, ...blanks, place: "behind" };
  return { ...shared, ...blanks, place: before ? "before" : "alone" };
}

/** Behind these a comment on the line of both neighbours is about the second. */
const OPENING: ReadonlySet<unknown> = new Set([Comma, LeftParen, LeftBracket, PairsOpen]);

const isBlank = (gap: string): boolean => (gap.match(/\n/g)?.length ?? 0) > 1;

/** `a -- why ,` becomes `a, -- why`: nothing else can follow on that line. */
function beforeSeparators(placed: ReadonlyMap<number, readonly PlacedComment[]>, tokens: readonly IToken[]): Comments {
  const moved = new Map(placed);
  for (const gap of [...placed.keys()].sort((a, b) => a - b)) {
    const comments = moved.get(gap) ?? [];
    const type = tokens[gap]?.tokenType;
    if ((type !== Comma && type !== Semicolon) || comments.some(({ place }) => place === "alone")) continue;
    const behind = comments.map((comment): PlacedComment => ({ ...comment, place: "behind" }));
    const over = behind.some(isLineComment);
    moved.set(gap, over ? [] : behind);
    if (over) moved.set(gap + 1, [...behind, ...(moved.get(gap + 1) ?? [])]);
  }
  return moved;
}
