import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { sourceFiles } from "./support/source-files.ts";

/** What each layer may import; `type:` allows types alone. This table is the architecture: ARCHITECTURE.md explains it. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  grammar: ["npm:chevrotain"],
  base: [],
  model: ["base"],
  ports: ["model", "base"],
  catalog: ["model", "base", "type:ports"],
  functions: ["model", "base", "type:ports", "npm:re2js"],
  analyze: ["grammar", "catalog", "functions", "model", "base", "type:ports"],
  plan: ["analyze", "functions", "model", "base", "type:grammar", "type:ports"],
  state: ["plan", "functions", "model", "base", "ports"],
  runtime: ["state", "plan", "functions", "model", "base", "ports"],
  adapters: ["ports", "model", "base", "npm:*"],
  project: ["adapters", "runtime", "state", "plan", "analyze", "catalog", "functions", "grammar", "ports", "model", "base", "npm:*"],
  fleet: [
    "project",
    "runtime",
    "plan",
    "analyze",
    "catalog",
    "grammar",
    "ports",
    "model",
    "base",
    "npm:diff",
    "npm:typebox",
    "npm:typebox/value",
  ],
  server: ["fleet", "project", "runtime", "plan", "analyze", "catalog", "functions", "grammar", "ports", "model", "base", "npm:*"],
  client: ["base", "type:server", "npm:eventsource-parser"],
  cli: [
    "client",
    "server",
    "fleet",
    "project",
    "adapters",
    "runtime",
    "state",
    "plan",
    "analyze",
    "catalog",
    "functions",
    "grammar",
    "ports",
    "model",
    "base",
    "npm:*",
  ],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** `base` is what everybody may use: errors, limits, assert. */
function layerOf(path: string): string {
  if (path.startsWith("grammar/")) return "grammar";
  return path.split("/").length === 2 ? "base" : (path.split("/")[1] as string);
}

function importsOf(path: string, text: string): Import[] {
  const pattern = /^(?:import|export)\s+(type\s)?[^"';]*?from\s+"([^"]+)"|^import\s+()"([^"]+)"|\bimport\(\s*()"([^"]+)"\s*\)/gm;
  return [...text.matchAll(pattern)].flatMap((match) => {
    const specifier = (match[2] ?? match[4] ?? match[6]) as string;
    if (specifier.startsWith("node:")) return [];
    const to = specifier.startsWith(".") ? layerOf(posix.join(posix.dirname(path), specifier)) : `npm:${specifier}`;
    return [{ file: path, from: layerOf(path), to, typeOnly: match[1] !== undefined }];
  });
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const allowed = ALLOWED[from] ?? [];
  return (
    from === to ||
    allowed.includes(to) ||
    (typeOnly && allowed.includes(`type:${to}`)) ||
    (to.startsWith("npm:") && allowed.includes("npm:*"))
  );
}

const imports = sourceFiles("grammar", "src").flatMap(({ path, text }) => importsOf(path, text));

describe("architecture", () => {
  it("knows every layer", () => {
    expect(
      sourceFiles("src")
        .map(({ path }) => layerOf(path))
        .filter((layer) => !(layer in ALLOWED)),
    ).toEqual([]);
  });

  it("imports in the allowed directions only", () => {
    const misplaced = imports
      .filter((one) => !isAllowed(one))
      .map(({ file, to, typeOnly }) => `${file} imports ${typeOnly ? "types of " : ""}${to}`);
    expect(misplaced).toEqual([]);
  });

  it("has no cycles between layers", () => {
    const edges = new Map<string, Set<string>>();
    for (const { from, to } of imports) {
      if (from !== to && !to.startsWith("npm:")) edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
    const cycles: string[] = [];
    const walk = (layer: string, trail: readonly string[]): void => {
      if (trail.includes(layer)) cycles.push([...trail, layer].join(" → "));
      else for (const next of edges.get(layer) ?? []) walk(next, [...trail, layer]);
    };
    for (const layer of edges.keys()) walk(layer, []);
    expect(cycles).toEqual([]);
  });

  it("keeps test code out of the sources", () => {
    expect(
      sourceFiles("grammar", "src")
        .filter(({ text }) => /from "[^"]*\/test\//.test(text))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  it("sees the imports that it judges", () => {
    const text = [
      'import a from "x";',
      'import type { B } from "../model/b.ts";',
      'import {\n  c,\n} from "../plan/c.ts";',
      'await import("../cli/d.ts");',
      'import "../state/e.ts";',
    ].join("\n");
    expect(importsOf("src/runtime/f.ts", text).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
      ["npm:x", false],
      ["model", true],
      ["plan", false],
      ["cli", false],
      ["state", false],
    ]);
  });
});
