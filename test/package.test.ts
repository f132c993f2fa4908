import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { buildInto } from "../tools/package/build.ts";
import { BIN, PACKAGE } from "./support/package.ts";
import { scratch } from "./support/scratch.ts";
import { sluice } from "./support/sluice-process.ts";
import { ROOT } from "./support/source-files.ts";

it("the built package does the main job without the sources", async () => {
  expect(readdirSync(PACKAGE)).not.toContain("src");
  expect(BIN).toBe(join(PACKAGE, "bin/sluice.js"));
  const { code, stdout, stderr } = await sluice(["demo", "--messages", "1000", "--exit", "--report", "json"], { cwd: scratch() });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
  expect(JSON.parse(stdout)).toMatchObject({ pipelines: [{ messages: 1_000 }, {}] });
});

it("what is built imports nothing that is not installed with it", async () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  const imported = await buildInto(join(scratch(), "dist"));
  expect(imported).toContain("fastify");
  expect(imported.filter((name) => !(name in dependencies))).toEqual([]);
});
