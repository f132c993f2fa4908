import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { ROOT } from "./support/source-files.ts";

/** What a tool says against the project; empty when it is content. */
function findingsOf(tool: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`node_modules/.bin/${tool}`, ...args], { cwd: ROOT, encoding: "utf8" });
  return status === 0 ? "" : `${stdout}${stderr}`;
}

/** `npm run check` as tests, so that one command and one count say whether all is well. */
describe("check", () => {
  it("has sound types", { timeout: 120_000 }, () => {
    expect(findingsOf("tsc", "--noEmit")).toBe("");
  });

  it("is linted and formatted", { timeout: 120_000 }, () => {
    expect(findingsOf("biome", "ci", "--colors=off", ".")).toBe("");
  });
});
