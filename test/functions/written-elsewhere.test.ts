import { describe, expect, it } from "vitest";
import { listFunctions } from "../../src/functions/registry.ts";
import { HINTS } from "../../src/functions/written-elsewhere.ts";

const names = new Set(listFunctions().flatMap(({ name, synonyms }) => [name, ...synonyms]));

describe("names of functions elsewhere", () => {
  it("are of none that there is: nobody would see the hint", () => {
    expect([...HINTS.keys()].filter((name) => names.has(name))).toEqual([]);
  });

  it("lead to functions that there are", () => {
    const led = [...HINTS.values()].flatMap((hint) =>
      [...hint.matchAll(/\b([A-Z]{3,})\(/g)].map(([, name]) => (name as string).toLowerCase()),
    );
    expect(led.filter((name) => !names.has(name) && name !== "cast")).toEqual([]);
    expect(led).toContain("coalesce");
  });
});
