import { arrayOf, mapOf, type Parameter, T } from "./spec.ts";

/** Parameters as most functions have them. */
export const text = (name = "text"): Parameter => ({ name, type: "string" });
export const number = (name = "number"): Parameter => ({ name, type: "number" });
export const integer = (name = "count"): Parameter => ({ name, type: "integer" });
export const timestamp = (name = "time"): Parameter => ({ name, type: "timestamp" });
/** Of one type with all others that are marked so. */
export const same = (name = "value"): Parameter => ({ name, type: "same" });
/** An array of elements of any one type, `T`. */
export const list = (name = "array"): Parameter => ({ name, type: arrayOf(T) });
/** A map to values of any one type, `T`. */
export const map = (name = "map"): Parameter => ({ name, type: mapOf(T) });
export const any = (name = "value"): Parameter => ({ name, type: "any" });

export const optional = (parameter: Parameter): Parameter => ({ ...parameter, optional: true });
export const repeated = (parameter: Parameter): Parameter => ({ ...parameter, repeated: true });
