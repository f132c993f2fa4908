import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { format } from "../../grammar/format.ts";
import { ServedProject } from "../support/served-project.ts";
import { KEYS, Terminal } from "../support/terminal.ts";

const CONFIG = `owner: shop
variables: { limit: 20 }
environments:
  prod: { variables: { limit: 30 } }
connections:
  elastic: { kind: embedded, as: elasticsearch }
`;
const CATALOG = "CREATE STREAM readings (id STRING, t INT) WITH (key = 'id');\n";
const HOT = "-- Hot ones.\n-- @labels team=a\nINSERT INTO elastic.hot SELECT id, t FROM readings WHERE t > ${limit} PK id;\n";
const COUNTS = "INSERT INTO elastic.counts SELECT id, COUNT(*) AS n FROM readings GROUP BY id;\n";

describe("queries/ on a server", { timeout: 60_000 }, () => {
  let project: ServedProject;

  beforeAll(async () => {
    project = new ServedProject({ "sluice.yaml": CONFIG, "queries/catalog.sql": CATALOG });
    await project.start();
  }, 60_000);
  afterAll(() => project.close());

  beforeEach(async () => {
    project.write("sluice.yaml", CONFIG);
    project.write("queries/shop/hot.sql", HOT);
    project.write("queries/counts.sql", COUNTS);
    const applied = await project.run(
      "apply",
      "--yes",
      "--allow",
      "destructive",
      "--begin",
      "counts=earliest",
      "--begin",
      "shop.hot=earliest",
    );
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
  });

  const put = (name: string, sql: string) => project.client.request("PUT", `/v1/pipelines/${name}`, sql);
  const drop = (name: string) => project.client.request("DELETE", `/v1/pipelines/${name}`);

  it("shows what would change, does it, and has nothing more to do", async () => {
    expect(await project.run("plan", "--detailed-exitcode")).toMatchObject({
      code: 0,
      stdout: "nothing to do: 2 pipelines as the files say\n",
    });
    project.write("queries/shop/hot.sql", HOT.replace("id, t FROM", "id, t, t + 1 AS u FROM"));
    const planned = await project.run("plan", "--detailed-exitcode");
    expect(planned.code).toBe(2);
    expect(planned.stdout).toContain(`~ shop.hot  stateless, starts again
    hot#1: stateless, goes on from its positions (it keeps nothing but its position)
    --- live/shop.hot
    +++ files/shop.hot`);
    expect(planned.stdout).toContain("    -SELECT id, t\n    +SELECT id, t, t + 1 AS u\n");
    expect(planned.stdout).toContain("0 to create, 1 to change, 0 to drop, 1 unchanged; at most stateless\n");
    expect((await project.run("plan")).code, "without --detailed-exitcode changes are no failure").toBe(0);
    expect(await project.run("apply", "--yes")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("done: 0 to create, 1 to change"),
    });
    expect((await project.run("plan", "--detailed-exitcode")).code).toBe(0);
  });

  it("changes with a declaration, a setting and a variable that a pipeline uses", async () => {
    project.write("queries/catalog.sql", CATALOG.replace("t INT", "t DOUBLE"));
    const declared = await project.run("plan");
    expect(declared.stdout).toContain("hot#1: stateless, goes on from its positions (what it reads or writes is declared in another way)");
    expect(declared.stdout).toContain("counts#1");
    project.write("queries/catalog.sql", CATALOG);
    project.write("sluice.yaml", `${CONFIG}pipelines: { counts: { max.retries: 3 } }\n`);
    const set = await project.run("plan");
    expect(set.stdout).toContain(
      "~ counts  metadata, starts again\n    counts#1: metadata, goes on from its positions, with its state (settings change)",
    );
    project.write("sluice.yaml", CONFIG.replace("limit: 20", "limit: 25"));
    const varied = await project.run("plan");
    expect(varied.stdout).toContain("-DEFINE limit = '20';\n    +DEFINE limit = '25';");
    expect(varied.stdout).toContain("1 to change, 0 to drop, 1 unchanged");
  });

  it("keeps a plan, and refuses it once something else has changed", async () => {
    project.write("queries/counts.sql", `-- Counts.\n${COUNTS}`);
    expect(await project.run("plan", "--out", "plan.json")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("sluice apply plan.json"),
    });
    await put("by.hand", "INSERT INTO elastic.x SELECT * FROM readings;");
    expect(await project.run("apply", "plan.json")).toMatchObject({ code: 1, stderr: expect.stringContaining("error CATALOG_CHANGED") });
    const planned = await project.run("plan", "--out", "plan.json");
    expect(planned.stdout).toContain("left alone: by.hand (made by hand)");
    project.write("queries/counts.sql", "INSERT INTO elastic.other SELECT * FROM readings;");
    expect(await project.run("apply", "plan.json"), "what was planned, whatever the files say now").toMatchObject({ code: 0 });
    expect((await project.pipeline("counts")).text).toContain("-- Counts.");
    expect(await project.run("apply", "plan.json"), "again: it is done").toMatchObject({
      code: 0,
      stderr: expect.stringContaining("nothing to do"),
    });
    project.write("plan.json", readFileSync(join(project.folder, "plan.json"), "utf8").replace("-- Counts.", "-- Other."));
    expect(await project.run("apply", "plan.json")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is not as sluice plan wrote it"),
    });
    expect(await project.run("apply", "plan.json", "--strict")).toMatchObject({ code: 2, stderr: expect.stringContaining("error USAGE") });
    await drop("by.hand");
  });

  it("asks at a terminal, and does nothing unless the answer is yes", async () => {
    project.write("queries/counts.sql", `-- Counts.\n${COUNTS}`);
    const answered = async (answer: string): Promise<number> => {
      const terminal = new Terminal(["apply"], { cwd: project.folder, env: { SLUICE_SERVER: project.client.url } });
      await terminal.see("Apply this? (yes)");
      expect(terminal.text).toContain("~ counts  cosmetic, goes on running");
      terminal.type(answer);
      return terminal.exited();
    };
    expect(await answered(`no${KEYS.enter}`)).toBe(1);
    expect((await project.pipeline("counts")).text).not.toContain("-- Counts.");
    expect(await answered(`yes${KEYS.enter}`)).toBe(0);
    expect((await project.pipeline("counts")).text).toContain("-- Counts.");
  });

  it("asks, and without anybody to ask changes nothing", async () => {
    project.write("queries/counts.sql", `-- Counts.\n${COUNTS}`);
    expect(await project.run("apply")).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes agrees") });
    expect((await project.pipeline("counts")).text).not.toContain("-- Counts.");
  });

  it("shows the drift of hand edits, of what is missing or added, and of what is paused", async () => {
    expect(await project.run("drift")).toMatchObject({ code: 0, stdout: "no drift: 2 pipelines as the files say\n" });
    await put("counts", "INSERT INTO elastic.counts SELECT id, COUNT(*) AS n FROM readings GROUP BY id, t;");
    await drop("shop.hot");
    const drifted = await project.run("drift");
    expect(drifted.code).toBe(2);
    expect(drifted.stdout).toMatch(/^counts runs otherwise than its file says \(incompatible\); it was changed last by anonymous at \S+$/m);
    expect(drifted.stdout).toMatch(/at \S+\n {4}--- files\/counts\n {4}\+\+\+ live\/counts\n/);
    expect(drifted.stdout).toContain("    -GROUP BY id;\n    +GROUP BY id, t;\n");
    expect(drifted.stdout).toContain("shop.hot has a file, and does not run\n");
    expect(drifted.stdout).toContain("2 of 2 pipelines differ from the files");
    const annotated = await project.run("drift", "--output", "github");
    expect(annotated.code).toBe(2);
    expect(annotated.stdout).toContain("::error title=DRIFT_CHANGED,file=queries/counts.sql::counts runs otherwise");
    await project.run("apply", "--yes", "--begin", "counts=earliest");
    await project.client.request("POST", "/v1/pipelines/counts/pause");
    const paused = await project.run("drift", "--output", "json");
    expect(JSON.parse(paused.stdout)).toMatchObject({
      owner: "shop",
      drifts: [{ pipeline: "counts", kind: "paused", changedBy: "anonymous" }],
    });
    await project.client.request("POST", "/v1/pipelines/counts/resume");
    project.remove("queries/counts.sql");
    expect(await project.run("drift")).toMatchObject({ code: 2, stdout: expect.stringContaining("counts runs, and has no file") });
    expect(await project.run("drift", "--server", "http://127.0.0.1:1"), "2 means drift").toMatchObject({ code: 1 });
    expect(await project.run("drift", "--sever", "x")).toMatchObject({ code: 1 });
    expect(await project.run("plan", "--sever", "x")).toMatchObject({ code: 2 });
  });

  it("adopts what was made by hand, formatted, so that nothing is left to do", async () => {
    const sql = "-- @labels tier=gold\ninsert into elastic.made select id, t from readings where t>7 pk id;";
    await project.client.request("PUT", "/v1/pipelines/made.by_hand", { sql, labels: { tier: "gold", cost: "7" } });
    const adopted = await project.run("adopt", "made.by_hand");
    expect(adopted.code, adopted.stderr).toBe(0);
    expect(readFileSync(join(project.folder, "queries/made/by_hand.sql"), "utf8")).toBe(`-- @labels cost=7\n${format(sql).text}`);
    expect((await project.pipeline("made.by_hand")).labels).toEqual({ tier: "gold", cost: "7", managed_by: "shop" });
    const after = await project.run("plan", "--detailed-exitcode");
    expect(after.code, after.stdout).toBe(0);
    await put("made.by_hand", sql.replace("7", "9"));
    expect(await project.run("adopt", "made.by_hand")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--force takes what runs"),
    });
    expect((await project.run("adopt", "made.by_hand", "--force")).code).toBe(0);
    expect(readFileSync(join(project.folder, "queries/made/by_hand.sql"), "utf8")).toContain("t > 9");
    expect(await project.run("drift")).toMatchObject({ code: 0 });
    expect(await project.run("adopt", "nothing")).toMatchObject({ code: 1, stderr: expect.stringContaining("PIPELINE_UNKNOWN") });
    project.remove("queries/made/by_hand.sql");
    expect((await project.run("apply", "--yes", "--allow", "destructive")).code).toBe(0);
  });

  it("works on the catalog itself where no server has it", async () => {
    expect(await project.run("plan", "--offline")).toMatchObject({ code: 3, stderr: expect.stringContaining("STORE_BUSY") });
    const other = ["--offline", "--data", "other"];
    expect(await project.run("apply", "--yes", ...other)).toMatchObject({ code: 0, stderr: expect.stringContaining("done: 2 to create") });
    expect(await project.run("plan", "--detailed-exitcode", ...other)).toMatchObject({ code: 0 });
  });

  it("belongs to its environment alone", async () => {
    const planned = await project.run("plan", "--env", "prod", "--output", "json");
    expect(planned.code).toBe(1);
    const plan = JSON.parse(planned.stdout);
    expect(plan).toMatchObject({ owner: "shop/prod", changes: [{ refusal: expect.stringContaining("it belongs to shop:") }, {}] });
    expect(plan.changes[1].diff).toContain("+DEFINE limit = '30';");
    expect(await project.run("plan", "--env", "prd")).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean prod?") });
    project.write("sluice.yaml", CONFIG.replace("owner: shop\n", ""));
    expect(await project.run("plan")).toMatchObject({ code: 2, stderr: expect.stringContaining("hint: owner: my-project") });
  });

  it("says a plan in the forms that programs read", async () => {
    project.write("queries/counts.sql", COUNTS.replace("BY id", "BY id, t"));
    project.write("queries/shop/hot.sql", HOT.replace("id, t FROM", "id, t, t + 1 AS u FROM"));
    const [markdown, github, junit, sarif] = await Promise.all(
      ["markdown", "github", "junit", "sarif"].map((output) => project.run("plan", "--output", output)),
    );
    expect(markdown).toMatchObject({ code: 1 });
    const kept = await project.run("plan", "--out", "plan.json");
    expect(kept).toMatchObject({ code: 1, stderr: expect.stringContaining("plan.json was not written") });
    expect(markdown?.stdout).toContain("### sluice plan: 0 to create, 2 to change, 0 to drop, 0 unchanged; at most incompatible\n");
    expect(markdown?.stdout).toContain("| `counts` | update | incompatible | **refused**: what is kept of counts#1 does not fit");
    expect(markdown?.stdout).toContain("<details><summary><code>shop.hot</code></summary>\n\n```diff\n--- live/shop.hot");
    expect(github?.stdout).toContain("::error title=CHANGE_REFUSED,file=queries/counts.sql::counts: what is kept of counts#1 does not fit");
    expect(github?.stdout).toContain("::notice title=CHANGE_STATELESS,file=queries/shop/hot.sql::");
    expect(junit?.stdout).toContain('<testsuites name="sluice plan" tests="2" failures="1"');
    expect(JSON.parse(sarif?.stdout ?? "").runs[0].results.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual([
      "CHANGE_INCOMPATIBLE",
      "CHANGE_REFUSED",
      "CHANGE_STATELESS",
    ]);
  });

  it("refuses files with errors where they are, before any server is asked", async () => {
    project.write("queries/counts.sql", COUNTS.replace("COUNT", "COUNTT"));
    const refused = await project.run("plan", "--server", "http://127.0.0.1:1");
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("queries/counts.sql:1") });
  });
});
