import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { ROOT } from "../support/source-files.ts";

function lastLineOf(...files: readonly string[]) {
  const args = ["node_modules/.bin/vitest", "run", "--config", "test/reporter/fixture/vitest.config.ts", ...files];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
  return { status, line: stdout.split("\n").at(-2), end: stdout.at(-1) };
}

describe("the last line of a test run", { timeout: 60_000 }, () => {
  it.each([
    [["good"], { status: 0, line: "1 passed, 0 failed", end: "\n" }],
    [["mixed"], { status: 1, line: "2 passed, 1 failed, 2 skipped", end: "\n" }],
    [["good", "broken"], { status: 1, line: "1 passed, 1 failed", end: "\n" }],
  ])("of %j counts tests and files that do not load", (files, expected) => {
    expect(lastLineOf(...files)).toEqual(expected);
  });
});
