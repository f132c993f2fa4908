/** WITHSTRUCTURE: selected fields keep their nesting, `a.b.c` and `a.d` are one column `a`. */
import type { ExprItem, Ident, Path, SelectItem, Span } from "../../grammar/ast.ts";
import { type ProjectedMember, type Projection, projectedType } from "../model/projection.ts";
import { typeName } from "../model/type.ts";
import type { OutputColumn } from "./output-columns.ts";
import { isQualifier, resolveField } from "./resolve-field.ts";
import { node, type Place, type Scope } from "./scope.ts";

/** A field within a column of the record. */
interface Nested {
  readonly column: Ident;
  /** Below the column, at least one. */
  readonly path: readonly string[];
  /** null: all that is there. */
  readonly as: string | null;
  readonly span: Span;
}

/** What the item selects of a column's inside; null: it is a column of its own. */
export function nestedField(item: SelectItem, scope: Scope): Nested | null {
  const path = item.kind === "star" ? item.prefix : item.expr.kind === "ref" ? item.expr.path : null;
  const [relation, ...others] = scope.relations;
  if (path === null || relation === undefined || others.length > 0) return null;
  if (item.kind === "star" && path.parts.length === 1 && isQualifier(path.parts[0]?.name ?? "", relation, scope)) return null;
  const [column, ...inner] = withoutRoot(path, scope);
  if (column === undefined || isSpecial(column)) return null;
  const last = inner.at(-1);
  if (item.kind === "star") return { column, path: inner.map(({ name }) => name), as: null, span: item.span };
  if (last === undefined) return null;
  return { column, path: inner.map(({ name }) => name), as: (item as ExprItem).alias?.name ?? last.name, span: item.span };
}

/** `_value.a`, `t.a`: a. */
function withoutRoot({ parts }: Path, scope: Scope): readonly Ident[] {
  const [first, ...rest] = parts;
  if (first === undefined || rest.length === 0) return parts;
  const isValue = !first.quoted && first.name.toLowerCase() === "_value";
  return isValue || scope.relations.some((relation) => isQualifier(first.name, relation, scope)) ? rest : parts;
}

/** `_key.x`, `_.topic`: no part of the value. */
const isSpecial = ({ name, quoted }: Ident): boolean => !quoted && name.startsWith("_");

/** One column for all fields within it, where the first of them stands. */
export function structuredColumn(column: Ident, nested: readonly Nested[], place: Place): OutputColumn {
  const { scope } = place;
  const span = nested[0]?.span ?? column.span;
  const made = { name: column.name, span, aliased: false, fromStar: false, path: [] };
  const operand = resolveField({ parts: [column], span }, place);
  if (operand === null) return { ...made, expr: null };
  const projection = projectionOf(nested.map(({ path, as }) => ({ path, as })));
  const type = projectedType(operand.type, projection);
  if (type !== null) return { ...made, expr: node(scope, span, { kind: "project", type, operand, projection }) };
  const wrong = nested.find(({ path, as }) => projectedType(operand.type, projectionOf([{ path, as }])) === null);
  const name = [column.name, ...(wrong?.path ?? [])].join(".");
  scope.report.error("UNKNOWN_FIELD", wrong?.span ?? span, `there is no field '${name}'`, `${column.name} is ${typeName(operand.type)}`);
  return { ...made, expr: null };
}

interface Wanted {
  readonly path: readonly string[];
  readonly as: string | null;
}

/** A path that is empty is a star at that place. */
function projectionOf(wanted: readonly Wanted[]): Projection {
  const rest = wanted.some(({ path }) => path.length === 0);
  const names = [...new Set(wanted.flatMap(({ path }) => path.slice(0, 1)))];
  const members = names.flatMap((name): ProjectedMember[] => {
    const below = wanted.filter(({ path }) => path[0] === name);
    const leaves = below.filter(({ path, as }) => path.length === 1 && as !== null);
    const inner = below.filter(({ path, as }) => path.length > 1 || as === null);
    const nested = inner.map(({ path, as }) => ({ path: path.slice(1), as }));
    const whole = leaves.map(({ as }): ProjectedMember => ({ name, as, inner: null }));
    return inner.length === 0 ? whole : [...whole, { name, as: name, inner: projectionOf(nested) }];
  });
  return { rest, members };
}

/** What is left of a column when fields within it are ignored. */
export function withoutFields(paths: readonly (readonly string[])[]): Projection {
  const names = [...new Set(paths.flatMap((path) => path.slice(0, 1)))];
  const members = names.map((name): ProjectedMember => {
    const below = paths.filter((path) => path[0] === name).map((path) => path.slice(1));
    const isWhole = below.some((path) => path.length === 0);
    return { name, as: isWhole ? null : name, inner: isWhole ? null : withoutFields(below) };
  });
  return { rest: true, members };
}

/** The names of a field below the value of its record. */
export const writtenPath = (path: Path, scope: Scope): readonly string[] => withoutRoot(path, scope).map(({ name }) => name);
