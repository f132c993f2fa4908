import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { scratch } from "./support/scratch.ts";
import { ROOT } from "./support/source-files.ts";

const run = (args: readonly string[], cwd: string) => spawnSync(process.execPath, args, { cwd, encoding: "utf8" });

it("the built package does the main job without the sources", { timeout: 120_000 }, () => {
  const folder = scratch();
  const built = run(["node_modules/.bin/tsc", "-p", "tsconfig.build.json", "--outDir", join(folder, "dist")], ROOT);
  expect([built.status, built.stdout]).toEqual([0, ""]);
  const { files } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { files: string[] };
  for (const file of ["package.json", ...files.filter((name) => name !== "dist")])
    cpSync(join(ROOT, file), join(folder, file), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const demo = run(["bin/sluice.js", "demo", "--messages", "1000", "--exit", "--report", "json"], folder);
  expect([demo.status, demo.stderr]).toEqual([0, expect.not.stringContaining("error")]);
  expect(JSON.parse(demo.stdout)).toMatchObject({ pipelines: [{ messages: 1_000 }, {}] });
});
