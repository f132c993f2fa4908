import { LIMITS } from "../limits.ts";
import { ANY, BIGINT, BOOLEAN, type DataType, DOUBLE, STRING } from "../model/type.ts";

/** What was seen of JSON values: of one, or of several taken together. */
export type Shape =
  /** Nothing but nulls. */
  | { readonly kind: "unseen" }
  | { readonly kind: "boolean" | "bigint" | "double" | "string" }
  /** Values without a type in common. */
  | { readonly kind: "any" }
  | { readonly kind: "array"; readonly element: Shape }
  | { readonly kind: "object"; readonly count: number; readonly members: ReadonlyMap<string, Member> }
  /** Objects of so many names that the names are data. */
  | { readonly kind: "map"; readonly value: Shape };

export interface Member {
  readonly shape: Shape;
  /** How many objects have it, null or not. */
  readonly count: number;
}

export const UNSEEN: Shape = { kind: "unseen" };
const CONFLICT: Shape = { kind: "any" };

/** The shape of a JSON text; null: it is none. */
export function shapeOfText(text: string): Shape | null {
  try {
    // From within: what a level sees are the shapes of its members.
    return JSON.parse(text, (_name, value, context?: { readonly source?: string }) => shapeOfLevel(value, context?.source)) as Shape;
  } catch {
    return null;
  }
}

function shapeOfLevel(value: unknown, source: string | undefined): Shape {
  if (value === null) return UNSEEN;
  switch (typeof value) {
    case "boolean":
      return { kind: "boolean" };
    case "string":
      return { kind: "string" };
    case "number":
      return { kind: isBigint(source ?? String(value)) ? "bigint" : "double" };
    default:
      break;
  }
  if (Array.isArray(value)) return { kind: "array", element: (value as readonly Shape[]).reduce(merge, UNSEEN) };
  const members = Object.entries(value as Readonly<Record<string, Shape>>).map(([name, shape]) => [name, { shape, count: 1 }] as const);
  return asMapIfWide({ kind: "object", count: 1, members: new Map(members) });
}

const BIGINT_MAX = 2n ** 63n;

/** Whether a JSON number is written as a whole one and fits; larger ones are DOUBLE at best. */
function isBigint(source: string): boolean {
  if (!/^-?\d{1,19}$/.test(source)) return false;
  const value = BigInt(source);
  return value < BIGINT_MAX && value >= -BIGINT_MAX;
}

/** Widened so that both fit: BIGINT to DOUBLE, members side by side; what cannot be widened is `any`. */
export function merge(left: Shape, right: Shape): Shape {
  if (left.kind === "unseen") return right;
  if (right.kind === "unseen") return left;
  if (left.kind === "array" && right.kind === "array") return { kind: "array", element: merge(left.element, right.element) };
  if (left.kind === "object" && right.kind === "object") return mergeObjects(left, right);
  if (left.kind === "map" && (right.kind === "map" || right.kind === "object")) return mergeMap(left, right);
  if (left.kind === "object" && right.kind === "map") return mergeMap(right, left);
  if (left.kind === right.kind) return left;
  return isNumber(left) && isNumber(right) ? { kind: "double" } : CONFLICT;
}

function isNumber({ kind }: Shape): boolean {
  return kind === "bigint" || kind === "double";
}

type ObjectShape = Extract<Shape, { kind: "object" }>;
type MapShape = Extract<Shape, { kind: "map" }>;

function mergeObjects(left: ObjectShape, right: ObjectShape): Shape {
  const members = new Map(left.members);
  for (const [name, { shape, count }] of right.members) {
    const known = members.get(name);
    members.set(name, known === undefined ? { shape, count } : { shape: merge(known.shape, shape), count: known.count + count });
  }
  return asMapIfWide({ kind: "object", count: left.count + right.count, members });
}

function asMapIfWide(shape: ObjectShape): Shape {
  return shape.members.size <= LIMITS.sampleMembersMax ? shape : { kind: "map", value: memberShape(shape) };
}

function memberShape(shape: ObjectShape | MapShape): Shape {
  return shape.kind === "map" ? shape.value : [...shape.members.values()].map((member) => member.shape).reduce(merge, UNSEEN);
}

function mergeMap(map: MapShape, other: ObjectShape | MapShape): Shape {
  return { kind: "map", value: merge(map.value, memberShape(other)) };
}

const SCALARS = { unseen: ANY, any: ANY, boolean: BOOLEAN, bigint: BIGINT, double: DOUBLE, string: STRING } as const;

/** The type that holds all values of a shape. */
export function typeOfShape(shape: Shape): DataType {
  switch (shape.kind) {
    case "array":
      return { kind: "array", element: typeOfShape(shape.element) };
    case "map":
      return { kind: "map", value: typeOfShape(shape.value) };
    case "object": {
      const fields = [...shape.members].map(([name, member]) => ({ name, type: typeOfShape(member.shape) }));
      return { kind: "struct", fields };
    }
    default:
      return SCALARS[shape.kind];
  }
}
