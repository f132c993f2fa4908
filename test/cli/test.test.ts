import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";
import { ROOT } from "../support/source-files.ts";

const SQL = "INSERT INTO out SELECT n FROM orders;\n";
const TESTS = `tests:
  - { name: good, given: { orders: [{ value: { n: 1 } }] }, expect: { out: [{ n: 1 }] } }
  - { name: bad, given: { orders: [{ value: { n: 1 } }] }, expect: { out: [{ n: 2 }] } }
`;
const FILES = { "queries/a.sql": SQL, "queries/a.test.yaml": TESTS, "queries/sub/b.sql": SQL };

describe("sluice test", () => {
  it("is content with the project's own queries", async () => {
    const { code, stdout, stderr } = await sluice(["test"], { cwd: ROOT });
    expect([code, stdout]).toEqual([0, expect.not.stringContaining("FAIL")]);
    expect(stderr).toMatch(/^\d+ passed, 0 failed in \d+ files and \d+\.\d s; \d+ ms a test, at most \d+ ms\n$/);
  });

  it("shows what failed and where, and which queries have no tests; exit 1", async () => {
    const cwd = scratch(FILES);
    const { code, stdout, stderr } = await sluice(["test"], { cwd });
    expect(code).toBe(1);
    expect(stdout.replaceAll(/\d+ ms/g, "… ms")).toBe(`ok   queries/a.test.yaml: good (… ms)
FAIL queries/a.test.yaml: bad (… ms)
  queries/a.test.yaml:3:76 error ASSERTION_FAILED: out: 1 row differs: n is 1, not 2
    - { n: 2 }
    + { n: 1 }
  query: queries/a.sql
`);
    expect(stderr).toMatch(/^without row tests: queries\/sub\/b.sql\n1 passed, 1 failed in 1 file and /);
  });

  it("runs the tests that are meant, by query and by name", async () => {
    const cwd = scratch(FILES);
    expect(await sluice(["test", "queries/a.sql", "--filter", "good"], { cwd })).toMatchObject({ code: 0 });
    expect(await sluice(["test", "--filter", "nothing"], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no test has 'nothing'"),
    });
    expect(await sluice(["test", "queries/sub"], { cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("there are no tests in queries/sub"),
    });
  });

  it("writes what is there into the file", async () => {
    const cwd = scratch(FILES);
    expect(await sluice(["test", "--update"], { cwd })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("queries/a.test.yaml was updated"),
    });
    expect(readFileSync(join(cwd, "queries/a.test.yaml"), "utf8")).toBe(TESTS.replace("n: 2", "n: 1"));
  });

  it("tells programs", async () => {
    const cwd = scratch({ ...FILES, "queries/z.test.yaml": "test: []\n" });
    const { code, stdout } = await sluice(["test", "-o", "json"], { cwd });
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      {
        command: "test",
        passed: 1,
        failed: 2,
        subjects: [
          { suite: "queries/a.test.yaml", name: "good", passed: true, findings: [] },
          { name: "bad", findings: [{ file: "queries/a.test.yaml", line: 3, column: 76, code: "ASSERTION_FAILED" }] },
          { suite: "queries/z.test.yaml", findings: [{ code: "TEST_INVALID" }, { code: "TEST_INVALID" }] },
        ],
      },
    ]);
    expect((await sluice(["test", "-o", "junit", "queries/a.sql"], { cwd })).stdout).toContain(
      '<testcase name="bad" classname="test.queries/a.test.yaml" time="0.',
    );
  });
});
