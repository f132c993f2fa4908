import type { DataType, StructField } from "./type.ts";
import type { ObjectValue, Value } from "./value.ts";

/** Which members of an object are kept, and under which names; of an array it is meant for each element. Plain data. */
export interface Projection {
  /** What is not named is kept, too. */
  readonly rest: boolean;
  readonly members: readonly ProjectedMember[];
}

export interface ProjectedMember {
  readonly name: string;
  /** null: it is left out. */
  readonly as: string | null;
  /** null: it is kept as a whole. */
  readonly inner: Projection | null;
}

/** The value with what is kept of it; what is missing stays so. Undefined: members are named of what has none. */
export function project(value: Value, projection: Projection): Value | undefined {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const items = value.map((item) => project(item, projection));
    return items.includes(undefined) ? undefined : (items as Value[]);
  }
  if (typeof value !== "object" || value instanceof Uint8Array) return projection.rest ? value : undefined;
  const made: Record<string, Value> = Object.create(null);
  for (const [name, member] of Object.entries(value as ObjectValue)) {
    const named = projection.members.filter((one) => one.name === name);
    if (named.length === 0 && projection.rest) made[freeName(name, projection)] = member;
    for (const { as, inner } of named) {
      if (as === null) continue;
      const kept = inner === null ? member : project(member, inner);
      if (kept === undefined) return undefined;
      made[as] = kept;
    }
  }
  return made;
}

/** A member that another one is renamed to steps aside: `x`, `x_1`. */
function freeName(name: string, { members }: Projection): string {
  const isTaken = (wanted: string): boolean => members.some(({ as }) => as === wanted);
  if (!isTaken(name)) return name;
  let number = 1;
  while (isTaken(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}

/** null: members are named of what has none, or that are not there. */
export function projectedType(type: DataType, projection: Projection): DataType | null {
  switch (type.kind) {
    case "array": {
      const element = projectedType(type.element, projection);
      return element === null ? null : { kind: "array", element };
    }
    case "struct":
      return projectedStruct(type.fields, projection);
    case "any":
    case "map":
      return { kind: "any" };
    default:
      return projection.rest ? type : null;
  }
}

function projectedStruct(fields: readonly StructField[], projection: Projection): DataType | null {
  const { members, rest } = projection;
  if (members.some(({ name, as }) => as !== null && !fields.some((field) => field.name === name))) return null;
  const kept: StructField[] = [];
  for (const { name, type } of fields) {
    const named = members.filter((one) => one.name === name);
    if (named.length === 0 && rest) kept.push({ name: freeName(name, projection), type });
    for (const { as, inner } of named) {
      if (as === null) continue;
      const inside = inner === null ? type : projectedType(type, inner);
      if (inside === null) return null;
      kept.push({ name: as, type: inside });
    }
  }
  return { kind: "struct", fields: kept };
}

/** `{b, c {d AS x}, * without e}` */
export function projectionText({ rest, members }: Projection): string {
  const kept = members.flatMap(({ name, as, inner }) =>
    as === null ? [] : [`${name}${inner === null ? "" : ` ${projectionText(inner)}`}${as === name ? "" : ` AS ${as}`}`],
  );
  const left = members.flatMap(({ name, as }) => (as === null ? [name] : []));
  const others = rest ? [`*${left.length === 0 ? "" : ` without ${left.join(", ")}`}`] : [];
  return `{${[...kept, ...others].join(", ")}}`;
}
