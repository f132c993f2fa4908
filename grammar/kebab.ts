import type { Expr, Ident, Path } from "./ast.ts";

/**
 * `device-id`, `a.b-c.d` as a whole column, without spaces around its dashes: KCQL's way to write the field `device-id`.
 * Null: anything else; `a - b` is arithmetic, and so is `a-1`.
 */
export function kebabPath(expr: Expr): Path | null {
  const refs = expr.kind === "binary" ? gluedRefs(expr) : null;
  if (refs === null) return null;
  const parts: Ident[] = [];
  for (const { parts: own } of refs) {
    const [last, first] = [parts.pop(), own[0]];
    if (first === undefined || own.some((part) => part.quoted) || last?.quoted === true) return null;
    const glued = last === undefined ? first : joined(last, first);
    parts.push(glued, ...own.slice(1));
  }
  return { parts, span: expr.span };
}

const joined = (last: Ident, first: Ident): Ident => ({
  name: `${last.name}-${first.name}`,
  quoted: false,
  span: { start: last.span.start, end: first.span.end },
});

/** The paths between single minus signs, from left to right. */
function gluedRefs(expr: Expr): readonly Path[] | null {
  const rights: Path[] = [];
  let left = expr;
  while (left.kind === "binary") {
    const { op, right, span } = left;
    const glued = op === "-" && right.kind === "ref" && left.left.span.end + 1 === right.span.start && isBare(right);
    if (!glued || span.start !== left.left.span.start || span.end !== right.span.end) return null;
    rights.push(right.path);
    left = left.left;
  }
  return left.kind === "ref" && isBare(left) ? [left.path, ...rights.reverse()] : null;
}

/** Without parentheses around it. */
const isBare = ({ span, path }: Extract<Expr, { kind: "ref" }>): boolean => span.start === path.span.start && span.end === path.span.end;
