import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BIN } from "../support/package.ts";
import { ServedProject } from "../support/served-project.ts";

describe("completion of shells", () => {
  let project: ServedProject;
  beforeAll(async () => {
    project = new ServedProject({ "bin/sluice": `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n` });
    chmodSync(join(project.folder, "bin/sluice"), 0o755);
    await project.start();
    for (const name of ["temperatures", "totals", "hot"]) {
      await project.client.request("PUT", `/v1/pipelines/${name}`, { sql: "INSERT INTO x SELECT id FROM t;", desired: "paused" });
    }
  });
  afterAll(() => project.close());

  const candidates = async (...words: readonly string[]) => {
    const { code, stdout, stderr } = await project.run("completion", "bash", "--", ...words);
    expect([code, stderr]).toEqual([0, ""]);
    return stdout.split("\n").slice(0, -1);
  };

  it("knows commands, subcommands, options and their values", async () => {
    expect(await candidates("re")).toEqual(["repl", "resume", "restart", "replay"]);
    expect(await candidates("deadletters", "")).toEqual(["list", "show", "redrive"]);
    expect(await candidates("deadletters", "redrive", "--co")).toEqual(["--code"]);
    expect(await candidates("list", "--output", "")).toEqual(["table", "json"]);
    expect(await candidates("completion", "z")).toEqual(["zsh"]);
    expect(await candidates("check", "queries/")).toEqual([]);
    expect(await candidates("nonsense", "")).toEqual([]);
  });

  it("knows the pipelines of the server, and does without it", async () => {
    expect(await candidates("status", "t")).toEqual(["temperatures", "totals"]);
    expect(await candidates("pause", "totals", "")).toEqual(["hot", "temperatures", "totals"]);
    expect(await candidates("deadletters", "list", "h")).toEqual(["hot"]);
    expect(await candidates("status", "--server", "127.0.0.1:1", "t")).toEqual([]);
  });

  it("works in bash", () => {
    const script = `
      source <(sluice completion bash)
      COMP_WORDS=(sluice status te); COMP_CWORD=2; _sluice; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(sluice to); COMP_CWORD=1; _sluice; echo "\${COMPREPLY[@]}"
      complete -p sluice`;
    const env = { ...process.env, PATH: `${join(project.folder, "bin")}:${process.env["PATH"]}`, SLUICE_SERVER: project.client.url };
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8", env });
    expect(stderr).toBe("");
    expect(stdout).toBe("temperatures\ntop\ncomplete -o bashdefault -o default -F _sluice sluice\n");
  });

  it("has scripts for the other shells", async () => {
    expect((await project.run("completion", "zsh")).stdout).toContain("#compdef sluice");
    expect((await project.run("completion", "fish")).stdout).toContain("complete -c sluice");
    expect((await project.run("completion", "cmd")).code).toBe(2);
  });
});
