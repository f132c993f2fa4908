import { describe, expect, it } from "vitest";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";
import { ROOT } from "../support/source-files.ts";

const GOOD = "INSERT INTO b SELECT id FROM a;\n";
const BAD = "INSERT INTO b\nSELECT id FORM a;\n";

describe("sluice check", () => {
  it("is content with the project's own pipelines", async () => {
    const stderr = expect.stringMatching(/^0 errors, 0 warnings in \d+ files\n$/);
    expect(await sluice(["check"], { cwd: ROOT })).toEqual({ code: 0, stdout: "", stderr });
  });

  it("shows file, line, column, the line itself and a hint, and exits with 1", async () => {
    const cwd = scratch({ "queries/good.sql": GOOD, "queries/sub/bad.sql": BAD });
    const { code, stdout, stderr } = await sluice(["check"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toContain("queries/sub/bad.sql:2:11 error SYNTAX: ");
    expect(stdout).toContain("  SELECT id FORM a;\n            ^^^^\n  hint: did you mean FROM?");
    expect(stderr).toBe("1 error, 0 warnings in 2 files\n");
  });

  it("looks only where it is told to", async () => {
    const cwd = scratch({ "queries/good.sql": GOOD, "queries/sub/bad.sql": BAD });
    expect((await sluice(["check", "queries/good.sql"], { cwd })).code).toBe(0);
    expect((await sluice(["check", "queries/sub"], { cwd })).code).toBe(1);
  });

  it("gives JSON for editors and CI", async () => {
    const cwd = scratch({ "queries/bad.sql": BAD });
    const { code, stdout } = await sluice(["check", "--json"], { cwd });
    expect(code).toBe(1);
    const [file] = JSON.parse(stdout) as { file: string; diagnostics: Record<string, unknown>[] }[];
    expect(file?.file).toBe("queries/bad.sql");
    expect(file?.diagnostics[0]).toMatchObject({
      severity: "error",
      code: "SYNTAX",
      hint: "did you mean FROM?",
      line: 2,
      column: 11,
      endLine: 2,
      endColumn: 15,
    });
  });

  it("finds mistakes of the catalog and of settings", async () => {
    const cwd = scratch({ "queries/catalog.sql": "CREATE STREAM a (id STRNG);", "queries/p.sql": GOOD });
    const { code, stdout } = await sluice(["check"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toContain("queries/catalog.sql:1:21 error UNKNOWN_TYPE");
    const other = scratch({ "sluice.yaml": "pipelines:\n  p:\n    commit.intervall: 1s\n", "queries/p.sql": GOOD });
    const { code: usage, stderr } = await sluice(["check"], { cwd: other });
    expect(usage).toBe(2);
    expect(stderr).toContain("error CONFIG_INVALID: sluice.yaml:3: pipelines.p.commit.intervall is refused");
    expect(stderr).toContain("hint: did you mean commit.interval?");
  });

  it("finds settings of pipelines that there are none of, and those of connections that nothing uses", async () => {
    const files = { "queries/sub/sums.sql": GOOD, "sluice.yaml": "pipelines:\n  sub.sum:\n    parallelism: 2\n" };
    for (const args of [["check"], ["run", "queries/sub/sums.sql", "--until-end"]]) {
      const { code, stderr } = await sluice(args, { cwd: scratch(files) });
      expect(code).toBe(2);
      expect(stderr).toContain("error CONFIG_INVALID: sluice.yaml:2: pipelines.sub.sum has settings, but there is no such pipeline");
      expect(stderr).toContain("hint: did you mean sub.sums?");
    }
    const connections = ["connections:", "  k:", "    kind: kafka", "    brokers: a:1", "    brokerz: b:1"];
    const secret = "  secret: { kind: kafka, brokers: '${NOT_SET}' }";
    const cwd = scratch({ "queries/p.sql": GOOD, "sluice.yaml": [...connections, secret].join("\n") });
    const { code, stderr } = await sluice(["check"], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining("sluice.yaml:5: connections.k.brokerz is unknown")]);
  });
});

describe("sluice parse", () => {
  it("prints tree and diagnostics of standard input", async () => {
    const { code, stdout } = await sluice(["parse", "--json", "-"], { input: "INSERT INTO b SELECT * FROM a" });
    expect(code).toBe(0);
    const tree = JSON.parse(stdout) as { statements: { kind: string }[]; diagnostics: unknown[]; incomplete: boolean };
    expect([tree.statements.map(({ kind }) => kind), tree.diagnostics]).toEqual([["insert"], []]);
  });

  it("exits with 1 on an error and keeps the rest", async () => {
    const cwd = scratch({ "a.sql": "SELECT a FROM; SELECT b FROM c" });
    const { code, stdout } = await sluice(["parse", "--json", "a.sql"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ diagnostics: [{ severity: "error", line: 1 }] });
  });
});

describe("sluice explain", () => {
  it("shows one poll for three statements", async () => {
    const { code, stdout } = await sluice(["explain", "queries/temperatures/persist.sql"], { cwd: ROOT });
    expect(code).toBe(0);
    expect(stdout).toContain("poll kafka.temperatures.aggregated: once for 3 statements");
  });

  it("takes SQL, and prints JSON", async () => {
    const { code, stdout } = await sluice(["explain", "--json", "SELECT id FROM a WHERE n > 1"]);
    expect(code).toBe(0);
    expect(JSON.stringify(JSON.parse(stdout))).toContain('"step":"filter"');
  });

  it("says what is wrong with the SQL", async () => {
    expect(await sluice(["explain", "empty.sql"], { cwd: scratch({ "empty.sql": "-- nothing yet\n" }) })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("empty has no statement to explain"),
    });
    const { code, stdout, stderr } = await sluice(["explain", "SELECT nosuch(id) FROM a"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("error UNKNOWN_FUNCTION");
  });
});
