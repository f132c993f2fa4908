import { afterEach, describe, expect, it } from "vitest";
import { setUserFunctions } from "../../src/functions/user-functions.ts";
import { findFunctionFiles, loadFunctions } from "../../src/project/function-files.ts";
import { planOf, runStatement } from "../plan/run-statement.ts";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";

const CELSIUS = `
export const celsius = {
  name: "celsius",
  parameters: [{ name: "fahrenheit", type: "number" }],
  result: "double",
  doc: "A temperature in degrees Celsius.",
  implement: (fahrenheit: number): number => {
    if (fahrenheit < -459.67) throw new Error("colder than cold");
    return ((fahrenheit - 32) * 5) / 9;
  },
};`;

const SPREAD = `
export const spread = {
  name: "spread",
  parameters: [{ name: "value", type: "number" }],
  result: "double",
  doc: "How far the greatest value is from the least.",
  collector: () => ({
    create: () => ({ low: null, high: null }),
    add: (state, value) => {
      state.low = state.low === null ? value : Math.min(state.low, value);
      state.high = state.high === null ? value : Math.max(state.high, value);
    },
    result: ({ low, high }) => (low === null ? null : high - low),
  }),
};`;

const load = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const root = scratch(files);
  await loadFunctions(await findFunctionFiles(root));
  return root;
};

const failure = (files: Readonly<Record<string, string>>): Promise<string> =>
  load(files).then(
    () => "loaded",
    (error: Error & { code?: string }) => `${error.code} ${error.message.replace(/\S*\/functions\//, "")}`,
  );

describe("functions of a project", () => {
  afterEach(() => setUserFunctions({ scalars: [], aggregates: [] }));

  it("are called like our own, and what they throw is the row's error", async () => {
    await load({ "functions/celsius.ts": CELSIUS, "functions/spread.js": SPREAD });
    const rows = runStatement("INSERT INTO x SELECT round(celsius(f)) AS c FROM raw", [
      '{"f": 212}',
      '{"f": null}',
      '{"f": -500}',
      '{"f": "a"}',
    ]);
    expect(rows.documents).toEqual([{ c: 100 }, { c: null }]);
    expect([...rows.errors.values()]).toEqual(["celsius: colder than cold", "f: expected a number, found a string"]);
    const groups = runStatement("INSERT INTO x SELECT Spread(f) AS s, SPREAD(f) FILTER (WHERE f > 1) AS t FROM raw", [
      '{"f": 1}',
      '{"f": 3}',
      '{"f": 7}',
    ]);
    expect(groups.documents).toEqual([{ s: 6, t: 4 }]);
  });

  it("are checked by the types that they say", async () => {
    await load({ "functions/celsius.ts": CELSIUS.replace("((fahrenheit - 32) * 5) / 9", '"cold" as never') });
    expect(() => runStatement("INSERT INTO x SELECT celsius('a') AS c FROM raw", [])).toThrow("celsius needs a number, but this is STRING");
    expect(() => runStatement("INSERT INTO x SELECT celsius(1, 2) AS c FROM raw", [])).toThrow("celsius takes 1 argument, not 2");
    expect([...runStatement("INSERT INTO x SELECT celsius(f) AS c FROM raw", ['{"f": 1}']).errors.values()]).toEqual([
      'celsius: the function gave "cold", not DOUBLE',
    ]);
  });

  it("are refused where they are async, and tell where they broke", async () => {
    expect(await failure({ "functions/a.ts": CELSIUS.replace("implement: (", "implement: async (") })).toBe(
      "FUNCTION_INVALID a.ts:2: celsius is no function of SQL: an async function cannot be called for a row: give what it gives at once",
    );
    const errorOf = async (body: string): Promise<string | undefined> => {
      await load({ "functions/celsius.ts": CELSIUS.replace("((fahrenheit - 32) * 5) / 9", body) });
      return runStatement("INSERT INTO x SELECT celsius(f) AS c FROM raw", ['{"f": 1}']).errors.get(0);
    };
    expect(await errorOf("Promise.resolve(1) as never")).toBe("celsius: the function gave a promise: what it gives must be there at once");
    expect(await errorOf("(fahrenheit as never as string).trim() as never")).toBe(
      "celsius: fahrenheit.trim is not a function (celsius.ts:9)",
    );
  });

  it("that change do not go on from what others computed", async () => {
    const fingerprint = async (sql: string, code = SPREAD): Promise<string> => {
      await load({ "functions/celsius.ts": CELSIUS, "functions/spread.js": code });
      return (planOf(sql).statements[0]?.fingerprint ?? "").split(".")[0] ?? "";
    };
    const uses = "INSERT INTO x SELECT id, spread(f) AS s FROM raw GROUP BY id";
    const other = SPREAD.replace("high - low", "low - high");
    expect(await fingerprint(uses)).toBe(await fingerprint(uses));
    expect(await fingerprint(uses, other)).not.toBe(await fingerprint(uses));
    expect(await fingerprint(uses, `// a comment\n${SPREAD}`)).toBe(await fingerprint(uses));
    const without = "INSERT INTO x SELECT id, SUM(celsius(f)) AS s FROM raw WHERE celsius(f) > 1 GROUP BY id";
    expect(await fingerprint(without, other)).toBe(await fingerprint(without));
  });

  it("are refused with file and line", async () => {
    expect(await failure({ "functions/a.ts": CELSIUS.replace('"double"', '"degrees"') })).toMatch(
      /^FUNCTION_INVALID a\.ts:2: celsius is no function of SQL: `result` is 'degrees', which is no type; use /,
    );
    expect(await failure({ "functions/a.ts": CELSIUS.replace('"celsius"', '"upper"') })).toBe(
      "FUNCTION_INVALID a.ts:2: there is a function upper already, of Sluice itself",
    );
    expect(await failure({ "functions/a.ts": CELSIUS, "functions/b.js": SPREAD.replace('"spread"', '"celsius"') })).toMatch(
      /^FUNCTION_INVALID b\.js:2: there is a function celsius already, of .*a\.ts$/,
    );
    expect(await failure({ "functions/a.ts": `${CELSIUS}\nmissing();` })).toBe("FUNCTION_INVALID a.ts:12: missing is not defined");
    expect(await failure({ "functions/a.js": "export const = 1;" })).toMatch(/^FUNCTION_INVALID a\.js/);
    expect(await failure({ "functions/a.d.ts": "export {};", "functions/readme.md": "" })).toBe("loaded");
  });

  it("work in the threads of pipelines", { timeout: 60_000 }, async () => {
    const cwd = scratch({
      "functions/celsius.ts": CELSIUS,
      "functions/spread.js": SPREAD,
      "queries/warm.sql": "INSERT INTO warm SELECT id, spread(celsius(f)) AS s FROM readings GROUP BY id;",
    });
    const input = ['{"id":"a","f":32}', '{"id":"a","f":212}', '{"id":"a","f":50}'].join("\n");
    expect(await sluice(["produce", "readings"], { cwd, input })).toMatchObject({ code: 0 });
    expect(await sluice(["run", "queries/warm.sql", "--until-end"], { cwd })).toMatchObject({ code: 0 });
    const { stdout } = await sluice(["query", "SELECT id, s FROM warm"], { cwd });
    expect(JSON.parse(stdout)).toEqual({ id: "a", s: 100 });
  });
});
