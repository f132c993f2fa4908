import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";
import { ROOT } from "../support/source-files.ts";

const UGLY = "select a -- the a\nfrom t;\n\nselect b from t;\n";
const CANONICAL = "SELECT a -- the a\nFROM t;\n\nSELECT b\nFROM t;\n";
const BAD = "SELECT a FORM t;\n";

describe("sluice fmt", () => {
  it("writes files anew, and leaves alone those with errors", async () => {
    const cwd = scratch({ "queries/a.sql": UGLY, "queries/b.sql": CANONICAL, "queries/c.sql": BAD });
    const { code, stdout, stderr } = await sluice(["fmt"], { cwd });
    expect([code, stdout]).toEqual([1, "queries/a.sql\n"]);
    expect(stderr).toContain("queries/c.sql:1:10 error SYNTAX");
    expect(stderr).toContain("1 file changed, 1 with errors, of 3\n");
    expect(["a", "b", "c"].map((name) => readFileSync(join(cwd, `queries/${name}.sql`), "utf8"))).toEqual([CANONICAL, CANONICAL, BAD]);
  });

  it("only says what would change", async () => {
    const cwd = scratch({ "a.sql": UGLY, "b.sql": CANONICAL });
    const { code, stdout, stderr } = await sluice(["fmt", "--check", "a.sql", "b.sql"], { cwd });
    expect(code).toBe(1);
    const changes = [
      "@ 1",
      "-select a -- the a",
      "-from t;",
      "+SELECT a -- the a",
      "+FROM t;",
      "@ 4",
      "-select b from t;",
      "+SELECT b",
      "+FROM t;",
    ];
    expect(stdout).toBe(`${["a.sql", ...changes.map((line) => `  ${line}`)].join("\n")}\n`);
    expect(stderr).toBe("1 file would change, 0 with errors, of 2\n");
    expect(readFileSync(join(cwd, "a.sql"), "utf8")).toBe(UGLY);
    expect((await sluice(["fmt", "--check", "b.sql"], { cwd })).code).toBe(0);
  });

  it("reads standard input", async () => {
    expect(await sluice(["fmt", "--stdin"], { cwd: scratch(), input: UGLY })).toEqual({ code: 0, stdout: CANONICAL, stderr: "" });
    expect(await sluice(["fmt", "--stdin"], { cwd: scratch(), input: BAD })).toMatchObject({ code: 1, stdout: "" });
  });

  it("has nothing to change in the project's own pipelines", async () => {
    expect(await sluice(["fmt", "--check"], { cwd: ROOT })).toMatchObject({ code: 0, stdout: "" });
  });
});

describe("sluice complete and sluice hover", () => {
  const files = {
    "queries/catalog.sql": "CREATE STREAM readings (deviceId STRING, room STRING);",
    "a.sql": "SELECT upper(\n  dev\nFROM readings",
  };

  it("say what could be written, and what stands there", async () => {
    const cwd = scratch(files);
    const completions = await sluice(["complete", "--at", "2:6", "a.sql"], { cwd });
    expect(JSON.parse(completions.stdout)).toEqual({
      span: { start: 16, end: 19 },
      items: [{ kind: "field", label: "deviceId", detail: "STRING", doc: null }],
    });
    const hovered = await sluice(["hover", "--at", "1:9", "a.sql"], { cwd });
    expect(JSON.parse(hovered.stdout)).toMatchObject({ kind: "function", label: "upper", span: { start: 7, end: 12 } });
    expect((await sluice(["hover", "--at", "1", "a.sql"], { cwd })).code).toBe(2);
  });
});
