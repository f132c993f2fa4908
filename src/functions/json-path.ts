import type { Value } from "../model/value.ts";
import { compileOnce } from "./compile-once.ts";

type Step = string | number;

/**
 * Steps of a path into JSON: `$.rooms[0].name`, `$['a b']`, `$.a[-1]`; also JSON Pointer, `/rooms/0/name`, and without either a field's
 * name, as DuckDB reads them. Throws RangeError where it is none.
 */
export const jsonPath: (path: string) => readonly Step[] = compileOnce((path) => {
  if (path.startsWith("/")) return path.slice(1).split("/").map(pointerStep);
  if (!path.startsWith("$")) return [path];
  const steps: Step[] = [];
  const pattern = /\.(?:([^.[\]"']+)|"([^"]*)")|\[(?:(-?\d+)|'([^']*)'|"([^"]*)")\]/y;
  pattern.lastIndex = 1;
  while (pattern.lastIndex < path.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(path);
    if (match === null) throw new RangeError(`'${path}' is no path: what stands at character ${at + 1} is no .name, [0] or ['name']`);
    const [, plain, quoted, index, inQuotes, inDouble] = match;
    steps.push(index === undefined ? (plain ?? quoted ?? inQuotes ?? inDouble ?? "") : Number(index));
  }
  return steps;
});

/** Undefined: there is nothing. */
export function valueAt(value: Value, path: readonly Step[]): Value | undefined {
  let at: Value | undefined = value;
  for (const step of path) {
    if (at === null || typeof at !== "object" || at instanceof Uint8Array) return undefined;
    if (Array.isArray(at)) {
      const index: number = typeof step === "number" ? step : /^\d+$/.test(step) ? Number(step) : Number.NaN;
      at = (at as readonly Value[]).at(index);
      if (Number.isNaN(index)) return undefined;
    } else {
      const name = String(step);
      at = Object.hasOwn(at, name) ? (at as Readonly<Record<string, Value>>)[name] : undefined;
    }
  }
  return at;
}

function pointerStep(step: string): Step {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}
