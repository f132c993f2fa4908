import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BIN } from "../support/package.ts";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";
import { ROOT } from "../support/source-files.ts";

const COMMANDS = [
  "demo",
  "run",
  "repl",
  "query",
  "produce",
  "check",
  "test",
  "explain",
  "parse",
  "doctor",
  "init",
  "import",
  "list",
  "status",
  "replay",
  "deadletters",
  "top",
  "events",
  "completion",
];

describe("usage", () => {
  it("lists every command", async () => {
    const { code, stdout } = await sluice(["--help"]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    const files = readdirSync(join(ROOT, "src/cli")).map((file) => file.replace(".ts", ""));
    expect(files).toEqual(expect.arrayContaining(COMMANDS));
  });

  it.each(COMMANDS)("%s --help has examples", async (command) => {
    const { code, stdout } = await sluice([command, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: sluice ${command}`);
    expect(stdout).toContain(`Examples:\n  sluice ${command}`);
  });

  it.each([
    [["chekc"], "did you mean check?"],
    [["run"], "missing required argument 'path'"],
    [["check", "--jsn"], "did you mean --json?"],
    [["run", "x.sql", "--close"], "--close goes with --until-end"],
    [["run", "x.sql", "--to", "2026-01-01"], "--to goes with --until-end"],
    [["run", "x.sql", "--until-end", "--from", "2026-01-02", "--to", "2026-01-02"], "--from is not before --to"],
    [["run", "x.sql", "--until-end", "--from", "offset:9", "--to", "offset:3"], "--from is not before --to"],
    [["run", "x.sql", "--until-end", "--from", "latest", "--to", "offset:3"], "--from is not before --to"],
    [["run", "x.sql", "--from", "1200"], "an offset is offset:1200"],
    [["run", "x.sql", "--from", "yesterday"], "a place is a time such as"],
    [["run", "nothing-here.sql"], "cannot read nothing-here.sql: no such file or directory"],
    [["explain", "nothing-here.sql"], "cannot read nothing-here.sql: no such file or directory"],
    [["query", ""], "there is no statement to execute"],
    [["check", "--config", "nothing.yaml"], "cannot read nothing.yaml: no such file or directory"],
    [["demo", "--messages", "many"], "whole number"],
    [["produce", "a", "--connection", "nowhere"], "nowhere"],
  ])("%j is wrong usage: 2", async (args, message) => {
    const { code, stdout, stderr } = await sluice(args, { cwd: scratch() });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.toLowerCase()).toContain(message.toLowerCase());
    expect(stderr).not.toContain("    at ");
  });

  it("tells its version", async () => {
    expect(await sluice(["--version"])).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
  });

  it("answers an old Node with a sentence", () => {
    const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.1' } })";
    const { status, stderr } = spawnSync(process.execPath, ["--import", `data:text/javascript,${older}`, BIN], {
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^sluice needs Node 24 or newer; this is Node 20\.11\.1 \(.*\)\.\n$/);
  });
});

describe("sluice doctor", () => {
  it("finds embedded connections well", async () => {
    const cwd = scratch();
    const { code, stdout } = await sluice(["doctor", "--json"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ connection: "embedded", kind: "embedded", findings: [{ ok: true }] }]);
  });

  it("says what is wrong with each connection, and exits with 3", async () => {
    const config = [
      "connections:",
      "  kafka: { kind: kafka, brokers: ['127.0.0.1:1'] }",
      "  elastic: { kind: elasticsearch, nod: 'http://127.0.0.1:1' }",
      "  secret: { kind: cassandra, contactPoints: '${NOT_SET_ANYWHERE}', localDataCenter: dc }",
    ];
    const { code, stdout } = await sluice(["doctor"], { cwd: scratch({ "sluice.yaml": config.join("\n") }) });
    expect(code).toBe(3);
    expect(stdout).toMatch(/kafka \(kafka\)\n {2}FAIL/);
    expect(stdout).toContain("FAIL  settings: sluice.yaml:3: connections.elastic.nod is unknown");
    expect(stdout).toContain(
      "FAIL  settings: sluice.yaml:4: connections.secret.contactPoints needs the environment variable NOT_SET_ANYWHERE",
    );
  });

  it("knows no connection of that name", async () => {
    const { code, stderr } = await sluice(["doctor", "embeded"], { cwd: scratch() });
    expect(code).toBe(2);
    expect(stderr).toContain("hint: did you mean embedded?");
  });
});
