import type { Binary, Expr, Formats } from "./ast.ts";

/**
 * The first Lenses said in WHERE how records are to be read: `_ktype = 'STRING' AND _vtype = AVRO AND a > 1`.
 * Those members of the AND are no conditions; null where nothing else is left.
 */
export function formatsOf(condition: Expr): { readonly formats: Formats | null; readonly where: Expr | null } {
  const members = membersOf(condition);
  const [key, value] = [members.find(isHint("_ktype")), members.find(isHint("_vtype"))];
  const [first, second] = [key, value].filter((hint) => hint !== undefined);
  if (first === undefined) return { formats: null, where: condition };
  const rest = members.filter((member) => member !== key && member !== value);
  const where = rest.length === 0 ? null : rest.reduce(and);
  const spans = [first.span, (second ?? first).span];
  const span = { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
  return { formats: { key: formatIn(key), value: formatIn(value), span }, where };
}

/** The members of `a AND b AND c`, as they were written without parentheses. */
function membersOf(condition: Expr): readonly Expr[] {
  const members: Expr[] = [];
  let left = condition;
  for (; left.kind === "binary" && left.op === "AND"; left = left.left) members.unshift(left.right);
  return [left, ...members];
}

const and = (left: Expr, right: Expr): Expr => ({
  kind: "binary",
  op: "AND",
  left,
  right,
  span: { start: left.span.start, end: right.span.end },
});

const isHint =
  (name: string) =>
  (member: Expr): member is Binary =>
    member.kind === "binary" && member.op === "=" && bareWord(member.left)?.toLowerCase() === name && formatWord(member.right) !== null;

function bareWord(expr: Expr): string | null {
  if (expr.kind !== "ref" || expr.path.parts.length !== 1) return null;
  const [part] = expr.path.parts;
  return part === undefined || part.quoted ? null : part.name;
}

/** `'AVRO'` or `AVRO`. */
const formatWord = (expr: Expr): string | null => (expr.kind === "string" ? expr.value : bareWord(expr));

const formatIn = (hint: Binary | undefined): string | null => (hint === undefined ? null : (formatWord(hint.right)?.toUpperCase() ?? null));
