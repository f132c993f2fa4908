import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServedProject } from "../../support/served-project.ts";
import { Terminal } from "../../support/terminal.ts";
import { until } from "../../support/until.ts";

const sql = (target: string) => `INSERT INTO elastic.${target} SELECT id FROM readings;`;

describe("sluice top", () => {
  let project: ServedProject;
  beforeAll(async () => {
    project = new ServedProject({ "sluice.yaml": "connections:\n  elastic: { kind: embedded, as: elasticsearch }\n" });
    await project.start();
    for (const name of ["hot", "cold"]) await project.client.request("PUT", `/v1/pipelines/${name}`, sql(name));
    await project.client.request("POST", "/v1/pipelines/cold/pause");
    await until(async () => (await project.pipeline("cold")).status.state === "paused", "the pause");
  });
  afterAll(() => project.close());

  it("prints once where there is no terminal, or as often as it is told to", { timeout: 60_000 }, async () => {
    const { code, stdout } = await project.run("top");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^http:\S+, \S+Z: 2 pipelines, 0 with failures, 0 messages\/s\nPIPELINE▼ +STATE +MESSAGES\/S +LAG +LATE +DEAD LETTERS +WATERMARK\ncold +paused +0 /,
    );
    const twice = (await project.run("top", "--count", "2", "--interval", "0.1")).stdout;
    expect(twice.match(/PIPELINE▼/g)).toHaveLength(2);
    expect((await project.run("top", "--interval", "0")).code).toBe(2);
  });

  it("is drawn on a terminal, sorted by keys, and gives the screen back", { timeout: 60_000 }, async () => {
    const terminal = new Terminal(["top", "--interval", "0.2"], { cwd: project.folder, env: { SLUICE_SERVER: project.client.url } });
    await terminal.see(/MESSAGES\/S▼/);
    terminal.type("s");
    await terminal.see(/STATE▼[\s\S]*cold +paused[\s\S]*hot +waiting/);
    terminal.type("r");
    await terminal.see(/STATE▲[\s\S]*hot +waiting[\s\S]*cold +paused/);
    await project.client.request("DELETE", "/v1/pipelines/cold");
    await until(
      () => !terminal.text.includes("cold"),
      "the drop to show",
      20_000,
      () => terminal.text,
    );
    await project.end("SIGKILL");
    await terminal.see(/no server at .*looking for it again/);
    await project.start();
    await terminal.see(/: 1 pipeline, 0 with failures/);
    terminal.type("q");
    await until(() => terminal.exitCode !== null, "its end");
    expect(terminal.exitCode).toBe(0);
    expect(terminal.text).not.toContain("PIPELINE");
  });
});
