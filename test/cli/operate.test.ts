import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ServedProject } from "../support/served-project.ts";
import { until } from "../support/until.ts";

const HOT = `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'kafka.refused';
INSERT INTO elastic.hot SELECT id, CAST(temperature AS BIGINT) AS t FROM readings WHERE id > 0;`;

const LINES = ['{"id":0,"temperature":20}', '{"id":1,"temperature":25}', '{"id":2,"temperature":"warm"}'];

describe("operating pipelines", () => {
  let project: ServedProject;
  beforeAll(async () => {
    project = new ServedProject({
      "sluice.yaml": "connections:\n  elastic: { kind: embedded, as: elasticsearch }\n  kafka: { kind: embedded, as: kafka }\n",
    });
    await project.start();
    await project.client.request("PUT", "/v1/pipelines/hot", HOT);
    await produce(...LINES);
    await untilTaken(3);
  });
  afterAll(() => project.close());

  async function produce(...lines: readonly string[]): Promise<void> {
    const { code, stderr } = await project.pipe(`${lines.join("\n")}\n`, "produce", "readings", "--key", "id");
    expect([code, stderr]).toMatchObject([0, expect.anything()]);
  }

  const untilTaken = (count: number) =>
    until(async () => (await project.pipeline("hot")).status.statements[0]?.counters.in === count, `${count} records`);
  const untilState = (state: string) => until(async () => (await project.pipeline("hot")).status.state === state, state);

  it("list and status say how they stand", async () => {
    const { code, stdout } = await project.run("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^name │ state +│ since/);
    expect(stdout).toMatch(/^hot +│ running │/m);
    expect(JSON.parse((await project.run("list", "--output", "json")).stdout)).toMatchObject([
      { name: "hot", status: { state: "running" } },
    ]);
    const status = (await project.run("status", "hot")).stdout;
    expect(status).toMatch(/^hot: running since 2/);
    expect(status).toContain("hot#1 → elastic.hot: in 3 = applied 1 + filtered 1 + late 0 + dead-lettered 1; written 1");
    expect(status).toContain("readings 0: at 3, lag 0");
    expect(status).toMatch(/skipped last, .* at hot#1, readings partition 0 offset 2/);
    const { tasks } = JSON.parse((await project.run("status", "hot", "-o", "json")).stdout);
    expect(tasks).toMatchObject([{ statement: "hot#1", topic: "readings", position: 3 }]);
  });

  it("pause, resume and restart change what they do", async () => {
    expect((await project.run("pause", "hot")).stdout).toMatch(/^hot: (stopping|running), is to be paused\n$/);
    await untilState("paused");
    expect((await project.run("pause", "hot")).stdout).toBe("hot: paused\n");
    expect((await project.run("resume", "hot")).code).toBe(0);
    await untilState("running");
    const restarted = await project.run("restart", "hot", "cold");
    expect(restarted).toMatchObject({ code: 1, stderr: expect.stringContaining("error PIPELINE_UNKNOWN: there is no pipeline 'cold'") });
    expect(restarted.stdout).toMatch(/^hot: /);
    await untilState("running");
  });

  it("dead letters are listed, shown and put back", async () => {
    const listed = (await project.run("deadletters", "list", "hot")).stdout;
    expect(listed).toMatch(/hot#1 +│ readings 0:2 │ read │ RECORD_TYPE/);
    expect(listed).toMatch(/│ redrive sends *\n.*\n.*│ record *\n/);
    expect((await project.run("deadletters", "list", "hot", "--code", "RECORD_MALFORMED")).stdout).toBe("(0 rows)\n");
    expect((await project.run("deadletters", "show", "hot")).stdout).toContain('{"id":2,"temperature":"warm"}');
    const elsewhere = '{"topic": "readings", "partition": 0, "offset": 99}';
    expect((await project.pipe(elsewhere, "deadletters", "redrive", "hot", "--records", "-")).stdout).toMatch(/^0 records put back/);
    expect((await project.run("deadletters", "redrive", "hot")).stdout).toBe("1 record put back, of 1 dead letter\n");
    await untilTaken(4);
    expect((await project.run("deadletters")).code).toBe(2);
  });

  it("replay begins anew where it is told to", async () => {
    expect((await project.run("replay", "hot", "--from", "0:1")).stdout).toBe("hot: begins at 0:1\n");
    await untilTaken(3);
    const refused = await project.run("replay", "hot", "--from", "7");
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("0:7 is that offset of partition 0") });
    expect(await project.run("replay", "hot", "--from", "yesterday")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("'yesterday' is no place to begin at"),
    });
  });

  it("events and logs tell what happened, and logs go on over a restart of the server", { timeout: 90_000 }, async () => {
    await project.client.request("PUT", "/v1/pipelines/other", { sql: HOT.replace("elastic.hot", "elastic.other"), desired: "paused" });
    const events = (await project.run("events")).stdout;
    expect(events).toMatch(/hot: deployed by anonymous, generation \d+\n/);
    expect(events).toMatch(/other: deployed/);
    const logs = (await project.run("logs", "hot")).stdout;
    expect(logs).toMatch(/Z hot: running\n/);
    expect(logs).not.toContain("other:");
    expect(logs).toMatch(/hot: error RECORD_TYPE: skipped at hot#1, readings partition 0 offset 2/);
    expect((await project.run("logs", "cold")).stderr).toContain("there is no pipeline 'cold'");

    const following = project.spawn("logs", "hot", "--follow", "--output", "json");
    const paused = () => following.stdout.split('"state":"paused"').length - 1;
    const told = (times: number) =>
      until(
        () => paused() === times,
        `${times} pauses`,
        20_000,
        () => following.stdout + following.stderr,
      );
    await told(1);
    await project.end("SIGINT");
    await project.start();
    await project.run("pause", "hot");
    await told(2);
    expect(following.stderr).toContain("is gone; looking for it again");
    following.kill("SIGINT");
    expect((await following.ended).code).toBe(130);
  });

  it("drop asks, and ends them", async () => {
    expect(await project.run("drop", "other")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes agrees") });
    expect(await project.run("drop", "other", "--yes")).toMatchObject({ code: 0, stdout: "other: dropped\n" });
    expect((await project.run("list")).stdout).not.toContain("other");
  });

  it("drop --keep-state leaves positions and state to the next one of that name", async () => {
    const counted = async () => (await project.pipeline("hot")).status.statements[0]?.counters;
    const told = () => until(async () => ((await counted())?.in ?? 0) > 0, "counters");
    await project.run("resume", "hot");
    await told();
    const counters = await counted();
    expect(await project.run("drop", "hot", "--keep-state", "--yes")).toMatchObject({ code: 0, stdout: "hot: dropped\n" });
    await project.client.request("PUT", "/v1/pipelines/hot", HOT);
    await told();
    const { messages, statements } = (await project.pipeline("hot")).status;
    expect([messages, statements[0]?.counters]).toEqual([0, counters]);
  });

  it("no server is said, with what to do", async () => {
    const { code, stderr } = await project.run("list", "--server", "127.0.0.1:1");
    expect(code).toBe(3);
    expect(stderr).toBe(
      "error CONNECTION_FAILED: no server at http://127.0.0.1:1\n  hint: start one with sluice serve, or name another with --server or SLUICE_SERVER\n",
    );
  });
});
