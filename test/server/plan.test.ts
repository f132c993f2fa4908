import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const COUNT = "INSERT INTO elastic.counts SELECT id, COUNT(*) AS n FROM readings GROUP BY id;";
const HOT = "INSERT INTO elastic.hot SELECT id, t FROM readings WHERE t > 20 PK id;";

type Files = Readonly<Record<string, string | { readonly sql: string; readonly [more: string]: unknown }>>;

const body = (files: Files, more: object = {}) => ({
  owner: "team",
  pipelines: Object.entries(files).map(([name, file]) => ({ name, ...(typeof file === "string" ? { sql: file } : file) })),
  ...more,
});

async function server() {
  const running = await runningServer();
  const plan = (files: Files, more?: object) => running.request("POST", "/v1/plan", body(files, more));
  const apply = (files: Files, more?: object) => running.request("POST", "/v1/apply", body(files, more));
  /** `action class` of each pipeline, in the plan's order. */
  const classes = async (files: Files, more?: object): Promise<readonly string[]> => {
    const answer = await plan(files, more);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body.changes.map((change: { pipeline: string; action: string; class: string }) => {
      return `${change.pipeline} ${change.action} ${change.class}`;
    });
  };
  return { ...running, plan, apply, classes };
}

describe("plans", () => {
  it("are empty after they were applied, and apply nothing again", async () => {
    const { apply, classes, deployments } = await server();
    const files = { a: COUNT, b: { sql: HOT, labels: { tier: "gold" } } };
    expect(await classes(files)).toEqual(["a create new", "b create new"]);
    expect(await apply(files)).toMatchObject({ status: 200, body: { class: "new", generation: 0 } });
    expect(await classes(files)).toEqual(["a none none", "b none none"]);
    const { generation } = deployments;
    expect(await apply(files)).toMatchObject({ status: 200, body: { class: "none" } });
    expect(deployments.generation).toBe(generation);
    expect(deployments.get("b")?.labels).toEqual({ tier: "gold", managed_by: "team" });
  });

  it.each([
    ["layout and comments", HOT, `-- Hot.\n${HOT.toLowerCase().replace("select", "\n  select")}`, "cosmetic", "kept", false],
    ["settings", HOT, `SET 'max.retries' = 7; ${HOT}`, "metadata", "kept", true],
    ["dead letters", HOT, `SET 'dead.letters' = 'elastic.letters'; SET 'autocreate' = TRUE; ${HOT}`, "metadata", "kept", true],
    ["labels", HOT, { sql: HOT, labels: { tier: "gold" } }, "metadata", "kept", false],
    ["protection", HOT, { sql: HOT, protected: true }, "metadata", "kept", false],
    ["another filter", HOT, HOT.replace("20", "30"), "stateless", "kept", true],
    ["a column more", COUNT, COUNT.replace("AS n", "AS n, COUNT(*) AS m"), "compatible", "kept", true],
    ["another grouping", COUNT, COUNT.replace("BY id", "BY id, t").replace("id, COUNT", "id, t, COUNT"), "incompatible", "undecided", true],
    ["another source", HOT, HOT.replace("readings", "others"), "incompatible", "undecided", true],
    ["a statement more", HOT, `${HOT} ${COUNT}`, "new", "kept", true],
    ["a statement less", `${HOT} ${COUNT}`, HOT, "destructive", "dropped", true],
  ] as const)("know what %s costs", async (_what, before, after, kind, positions, restarts) => {
    const { apply, plan } = await server();
    await apply({ p: before });
    const { body: made } = await plan({ p: after });
    expect(made).toMatchObject({ class: kind, changes: [{ action: "update", class: kind, restarts }] });
    expect(made.changes[0].statements[0].positions).toBe(positions);
  });

  it("say of each refusal what to pass, and do nothing until it was", async () => {
    const { apply, deployments } = await server();
    await apply({ p: COUNT, q: HOT });
    const grouped = COUNT.replace("BY id", "BY id, t").replace("id, COUNT", "id, t, COUNT");
    const refused = await apply({ p: grouped });
    expect(refused).toMatchObject({ status: 409, body: { code: "CHANGE_REFUSED" } });
    expect(refused.body.detail).toBe(
      [
        "q: it would be dropped, with its positions and state: --allow destructive does that",
        "p: what is kept of counts#1 does not fit: say where to begin by --begin p/counts#1=here|earliest",
      ].join("\n"),
    );
    expect(deployments.generation).toBe(1);
    const decided = { begin: { "p/counts#1": "earliest" }, allow: ["destructive"] };
    expect(await apply({ p: grouped }, decided)).toMatchObject({ status: 200 });
    expect(deployments.list()).toMatchObject([{ name: "p", beginnings: { "counts#1": { from: "earliest" } } }]);
    expect(await apply({ p: grouped }, { allow: ["destructive"] })).toMatchObject({ status: 200, body: { class: "none" } });
  });

  it("take the beginning from the request before that of the file", async () => {
    const { apply, deployments } = await server();
    await apply({ p: COUNT });
    const other = (column: string) => ({ sql: COUNT.replace("BY id", `BY id, ${column}`), onChange: "here" });
    await apply({ p: other("t") });
    expect(deployments.get("p")?.beginnings).toMatchObject({ "counts#1": { from: "here" } });
    await apply({ p: other("u") }, { begin: { p: "earliest" } });
    expect(deployments.get("p")?.beginnings).toMatchObject({ "counts#1": { from: "earliest" } });
  });

  it("do not begin elsewhere in a topic that was not read before", async () => {
    const { apply, plan } = await server();
    await apply({ p: HOT });
    const { body: made } = await plan({ p: HOT.replace("readings", "others") }, { begin: { p: "here" } });
    expect(made.changes[0]).toMatchObject({ statements: [{ positions: "undecided", choices: ["earliest"] }] });
    expect(made.changes[0].refusal).toContain("--begin p/hot#1=earliest");
  });

  it("are refused when something else has changed since", async () => {
    const { apply, plan, request, deployments } = await server();
    await apply({ p: HOT });
    const files = { p: HOT.replace("20", "30"), q: COUNT };
    const { body: seen } = await plan(files);
    await request("PUT", "/v1/pipelines/by.hand", HOT);
    expect(await apply(files, { digest: seen.digest })).toMatchObject({ status: 409, body: { code: "CATALOG_CHANGED" } });
    expect(deployments.get("q")).toBeNull();
    const { body: again } = await plan(files);
    expect(await apply(files, { digest: again.digest })).toMatchObject({ status: 200 });
    expect(await apply(files, { digest: again.digest }), "what was done before is done").toMatchObject({
      status: 200,
      body: { class: "none" },
    });
  });

  it("leave alone what others have, and refuse names that are taken", async () => {
    const { apply, plan, request } = await server();
    await request("PUT", "/v1/pipelines/by.hand", HOT);
    await request("POST", "/v1/apply", { owner: "other/prod", pipelines: [{ name: "theirs", sql: HOT }] });
    const { body: made } = await plan({ p: COUNT });
    expect(made.unmanaged).toEqual([
      { pipeline: "by.hand", owner: null },
      { pipeline: "theirs", owner: "other/prod" },
    ]);
    expect(made.changes).toMatchObject([{ pipeline: "p", action: "create" }]);
    const taken = await apply({ theirs: COUNT, "by.hand": HOT });
    expect(taken.body.errors[0].message).toContain("it was made by hand: sluice adopt by.hand takes it over");
    expect(taken.body.errors[0].message).toContain("it belongs to other/prod");
  });

  it("are about their targets alone", async () => {
    const { apply, classes, plan } = await server();
    await apply({ a: HOT, b: HOT, c: HOT });
    const files = { a: HOT.replace("20", "30"), b: HOT.replace("20", "30") };
    expect(await classes(files, { targets: ["b"] })).toEqual(["b update stateless"]);
    expect(await classes(files, { targets: ["c"] })).toEqual(["c drop destructive"]);
    expect(await plan(files, { targets: ["bb"] })).toMatchObject({ status: 422, body: { code: "USAGE", hint: "did you mean b?" } });
    expect(await plan(files, { begin: { "hots#1": "here" } })).toMatchObject({ status: 422, body: { hint: "did you mean hot#1?" } });
  });

  it("take each name once, and any name that a pipeline can have", async () => {
    const { apply, request, deployments } = await server();
    const twice = [
      { name: "a", sql: HOT },
      { name: "a", sql: COUNT },
    ];
    expect(await request("POST", "/v1/plan", { owner: "team", pipelines: twice })).toMatchObject({ status: 422, body: { code: "USAGE" } });
    await apply({ constructor: COUNT });
    expect(await apply({ constructor: COUNT.replace("BY id", "BY id, t") })).toMatchObject({ status: 409 });
    expect(await apply({ constructor: COUNT.replace("BY id", "BY id, t") }, { begin: { constructor: "here" } })).toMatchObject({
      status: 200,
    });
    expect(deployments.list()).toHaveLength(1);
  });

  it("refuse to drop what is protected", async () => {
    const { apply } = await server();
    await apply({ a: { sql: HOT, protected: true } });
    const refused = await apply({}, { allow: ["destructive"] });
    expect(refused.body.detail).toBe("a: it is protected: take @prevent_destroy out of its file and apply that first");
    await apply({ a: HOT });
    expect(await apply({}, { allow: ["destructive"] })).toMatchObject({ status: 200, body: { class: "destructive" } });
  });

  it("want the topics that are read where that is said", async () => {
    const { apply, plan, produce } = await server();
    const files = { a: "INSERT INTO embedded.middle SELECT * FROM readings;", b: HOT.replace("readings", "embedded.middle") };
    const { body: made } = await plan(files, { strict: true });
    expect(made.changes.map(({ refusal }: { refusal: string | null }) => refusal)).toEqual([
      "there is no topic readings on embedded: the pipeline would be WAITING for it (--strict)",
      null,
    ]);
    expect(await apply(files, { strict: true })).toMatchObject({ status: 409, body: { code: "CHANGE_REFUSED" } });
    await produce("readings", [{ id: 1, t: 25 }]);
    expect(await apply(files, { strict: true })).toMatchObject({ status: 200 });
  });

  it("refuse texts with errors, and those that would run nothing", async () => {
    const { plan } = await server();
    const { body: made } = await plan({ a: "INSERT INTO", b: "-- nothing\n" });
    expect(made.changes).toMatchObject([
      { refusal: expect.stringContaining("its text has errors on the server: ") },
      { refusal: expect.stringContaining("no INSERT") },
    ]);
  });

  it("let go on running what only looks otherwise", async () => {
    const { apply, fleet, produce, documents } = await server();
    await produce("readings", [{ id: 1, t: 25 }]);
    await apply({ a: HOT });
    await until(async () => (await documents("hot")).length === 1, "the document");
    const { since } = fleet.status("a") ?? {};
    await apply({ a: { sql: `-- Hot ones.\n${HOT}`, labels: { tier: "gold" } } });
    await produce("readings", [{ id: 2, t: 25 }]);
    await until(async () => (await documents("hot")).length === 2, "the second document");
    await until(() => fleet.status("a")?.messages === 2, "both records in one run");
    expect(fleet.status("a")?.since).toBe(since);
  });
});
