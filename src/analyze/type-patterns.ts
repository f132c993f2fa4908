import type { TypePattern, TypeVariable } from "../functions/spec.ts";
import { type DataType, NULL } from "../model/type.ts";
import { commonType, isAssignable } from "./type-rules.ts";

/** What the variables of one call's signature stand for so far. */
export type Bindings = Map<TypeVariable["name"], DataType>;

/** Takes a type in at the place of a pattern: its variables widen to what both have in common. False: it does not fit. */
export function unify(pattern: TypePattern, type: DataType, bindings: Bindings): boolean {
  switch (pattern.kind) {
    case "variable": {
      const common = commonType(bindings.get(pattern.name) ?? NULL, type);
      if (common !== null) bindings.set(pattern.name, common);
      return common !== null;
    }
    case "array":
      if (type.kind === "null") return true;
      if (type.kind === "any") return unify(pattern.element, type, bindings);
      return type.kind === "array" && unify(pattern.element, type.element, bindings);
    case "map":
      if (type.kind === "null") return true;
      if (type.kind === "any") return unify(pattern.value, type, bindings);
      return type.kind === "map" && unify(pattern.value, type.value, bindings);
    default:
      return isAssignable(type, pattern);
  }
}

/** The type that a pattern means once its variables are known; what nothing is known of is NULL. */
export function substitute(pattern: TypePattern, bindings: Bindings): DataType {
  switch (pattern.kind) {
    case "variable":
      return bindings.get(pattern.name) ?? NULL;
    case "array":
      return { kind: "array", element: substitute(pattern.element, bindings) };
    case "map":
      return { kind: "map", value: substitute(pattern.value, bindings) };
    default:
      return pattern;
  }
}

/** `ARRAY<T>`, as signatures show it. */
export function patternName(pattern: TypePattern, nameOf: (type: DataType) => string): string {
  switch (pattern.kind) {
    case "variable":
      return pattern.name;
    case "array":
      return `ARRAY<${patternName(pattern.element, nameOf)}>`;
    case "map":
      return `MAP<STRING, ${patternName(pattern.value, nameOf)}>`;
    default:
      return nameOf(pattern);
  }
}
