/** Pieces of a pattern that mean the same to RE2 and to JavaScript, by kind. */
const PIECES = {
  any: /\./,
  class: /\[\^?(?:[^\\[\]-]|[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d|\\[dDwW\-./])+\]/,
  escaped: /\\[dDwW\\.*+?()[\]{}|^$/]/,
  group: /\((?:\?:)?/,
  close: /\)/,
  repeat: /[*+]\??/,
  choice: /\||\?\??/,
  place: /[\^$]/,
  plain: /[^\\[\](){}*+?|.]/,
} as const;

const PIECE = new RegExp(
  Object.entries(PIECES)
    .map(([kind, { source }]) => `(?<${kind}>${source})`)
    .join("|"),
  "y",
);

/** What may be repeated without trying the same text in many ways: one character. */
const REPEATED: ReadonlySet<string> = new Set(["any", "class", "escaped", "plain"]);

/** Each doubles what may have to be tried. */
const CHOICES_MAX = 4;

/**
 * The pattern as an expression of the platform, or null where that could backtrack for long or mean something else. It is simple where at
 * most one `*` or `+` is in it, behind a single character or class, and few alternatives.
 */
export function simpleExpression(pattern: string): RegExp | null {
  let [body, repeats, choices, before] = ["", 0, 0, ""];
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < pattern.length) {
    const piece = PIECE.exec(pattern)?.groups;
    if (piece === undefined) return null;
    const [kind = "", text = ""] = Object.entries(piece).find(([, found]) => found !== undefined) ?? [];
    if (kind === "repeat") repeats++;
    if (kind === "choice") choices++;
    if (repeats > 1 || choices > CHOICES_MAX || (kind === "repeat" && !REPEATED.has(before))) return null;
    // `.` of RE2 is all but the line feed.
    body += kind === "any" ? "[^\\n]" : text;
    before = kind;
  }
  try {
    return new RegExp(body, "gu");
  } catch {
    return null;
  }
}
