import { DOUBLE } from "../../model/type.ts";
import { number } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

/** Angles are in radians. */
export const trigonometryFunctions: readonly ScalarFunction[] = [
  ofAngle("sin", "The sine of an angle.", 0, 0, finite(Math.sin)),
  ofAngle("cos", "The cosine of an angle.", 0, 1, finite(Math.cos)),
  ofAngle("tan", "The tangent of an angle.", 0, 0, finite(Math.tan)),
  ofAngle(
    "cot",
    "The cotangent of an angle.",
    0.5,
    1.830487721712452,
    finite((angle) => {
      if (angle === 0) throw new RangeError("0 has no cotangent");
      return 1 / Math.tan(angle);
    }),
  ),
  ofAngle("asin", "The angle between -π/2 and π/2 that has this sine.", 0, 0, between(-1, 1, Math.asin)),
  ofAngle("acos", "The angle between 0 and π that has this cosine.", 1, 0, between(-1, 1, Math.acos)),
  ofAngle("atan", "The angle between -π/2 and π/2 that has this tangent.", 0, 0, Math.atan),
  {
    name: "atan2",
    synonyms: [],
    parameters: [number("y"), number("x")],
    result: DOUBLE,
    doc: "The angle of the point (x, y), between -π and π.",
    examples: [{ sql: "atan2(0, 1)", result: 0 }],
    implement: Math.atan2,
  },
  ofAngle("sinh", "The hyperbolic sine.", 0, 0, Math.sinh),
  ofAngle("cosh", "The hyperbolic cosine.", 0, 1, Math.cosh),
  ofAngle("tanh", "The hyperbolic tangent.", 0, 0, Math.tanh),
  ofAngle("asinh", "The inverse hyperbolic sine.", 0, 0, Math.asinh),
  ofAngle("acosh", "The inverse hyperbolic cosine.", 1, 0, Math.acosh),
  ofAngle("atanh", "The inverse hyperbolic tangent.", 0, 0, between(-1, 1, Math.atanh)),
  ofAngle("degrees", "An angle in degrees.", 0, 0, (angle) => angle * (180 / Math.PI)),
  {
    name: "radians",
    synonyms: [],
    parameters: [number("degrees")],
    result: DOUBLE,
    doc: "An angle in radians.",
    examples: [{ sql: "radians(180)", result: Math.PI }],
    implement: (degrees: number) => degrees * (Math.PI / 180),
  },
  {
    name: "pi",
    synonyms: [],
    parameters: [],
    result: DOUBLE,
    doc: "The number π.",
    examples: [{ sql: "pi()", result: Math.PI }],
    implement: () => Math.PI,
  },
];

function ofAngle(name: string, doc: string, given: number, result: number, implement: (value: number) => number): ScalarFunction {
  return {
    name,
    synonyms: [],
    parameters: [number(name.startsWith("a") ? "value" : "angle")],
    result: DOUBLE,
    doc,
    examples: [{ sql: `${name}(${given})`, result }],
    implement,
  };
}

function finite(of: (value: number) => number): (value: number) => number {
  return (value) => {
    if (!Number.isFinite(value)) throw new RangeError("the angle is not finite");
    return of(value);
  };
}

function between(low: number, high: number, of: (value: number) => number): (value: number) => number {
  return (value) => {
    if (value < low || value > high) {
      throw new RangeError(high === Number.POSITIVE_INFINITY ? `${value} is below ${low}` : `${value} is not between ${low} and ${high}`);
    }
    return of(value);
  };
}
