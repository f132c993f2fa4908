import { describe, expect, it } from "vitest";
import { type Deployment, versionOf } from "../../src/fleet/deployment.ts";
import { planChanges } from "../../src/fleet/plan-changes.ts";
import { openProject } from "../../src/project/project.ts";
import { scratch } from "../support/scratch.ts";

const CONFIG = "connections:\n  near: { kind: embedded, as: kafka }\n  far: { kind: embedded, as: kafka }\n";
const NEAR = "INSERT INTO near.a SELECT id FROM near.readings;";
const FAR = "-- @name b\nINSERT INTO far.b SELECT id FROM far.others;";

async function planned(live: string, text: string, begin: Readonly<Record<string, "here" | "earliest">> = {}) {
  const project = await openProject({ config: `${scratch({ "sluice.yaml": CONFIG })}/sluice.yaml` });
  const deployment: Deployment = {
    name: "p",
    text: live,
    version: versionOf(live),
    labels: { managed_by: "team" },
    desired: "running",
    beginnings: {},
    epoch: 0,
    generation: 7,
    changedAt: "2026-01-01T00:00:00.000Z",
    changedBy: "anna",
  };
  const wanted = { name: "p", text, labels: {}, onChange: null, isProtected: false };
  return planChanges({ project, generation: 7, live: [deployment], pipelines: [wanted], owner: "team", begin, targets: null, allow: [] });
}

describe("a pipeline whose positions would be looked for elsewhere", () => {
  it("is told to begin at the first record, as nothing else is possible", async () => {
    const { changes } = await planned(`${NEAR}\n${FAR}`, `${FAR}\n${NEAR}`, { p: "here" });
    expect(changes[0]?.statements).toMatchObject([
      {
        statement: "b",
        class: "incompatible",
        positions: "undecided",
        choices: ["earliest"],
        why: expect.stringContaining("kept on near"),
      },
      { statement: "a#1", class: "incompatible", positions: "undecided", choices: ["earliest"] },
    ]);
    const decided = await planned(`${NEAR}\n${FAR}`, `${FAR}\n${NEAR}`, { p: "earliest" });
    expect(decided.apply).toMatchObject([{ kind: "put", name: "p", at: 7, begin: { b: "earliest", "a#1": "earliest" } }]);
    expect(decided.changes[0]?.refusal).toBeNull();
  });
});

describe("a pipeline that runs and has errors now", () => {
  it("keeps what it has, as nothing can be compared", async () => {
    const { changes } = await planned("INSERT INTO gone.x.y SELECT FROM;", NEAR);
    expect(changes[0]).toMatchObject({ action: "update", class: "stateless", refusal: null, statements: [{ positions: "kept" }] });
  });
});

describe("a statement that keeps rows without being an aggregate", () => {
  const DECLARE =
    "CREATE STREAM r (id STRING, v DOUBLE) WITH (topic = 'near.r', key = 'id'); CREATE TABLE d (id STRING PRIMARY KEY, n STRING) WITH (topic = 'near.d');\n";
  const over = (frame: string, where: string): string =>
    `${DECLARE}INSERT INTO near.c SELECT id, m FROM (
      SELECT id, v, MAX(v) OVER (PARTITION BY id ORDER BY _timestamp ROWS ${frame} PRECEDING) AS m FROM r
    ) WHERE v > ${where};`;
  const joined = (type: string, n: string): string =>
    `${DECLARE}INSERT INTO near.c SELECT r.id, ${n} AS n FROM r ${type} JOIN d ON r.id = d.id;`;

  it.each([
    ["OVER, read otherwise", over("3", "1"), over("3", "2"), "compatible", "kept"],
    ["OVER with another frame", over("3", "1"), over("4", "1"), "incompatible", "undecided"],
    ["a join, read otherwise", joined("LEFT", "d.n"), joined("LEFT", "d.n || '!'"), "compatible", "kept"],
    ["another join", joined("LEFT", "d.n"), joined("INNER", "d.n"), "incompatible", "undecided"],
    ["OVER that goes", `${over("3", "1")}\n${NEAR}`, NEAR, "destructive", "dropped"],
  ])("keeps its state where that fits: %s", async (_what, live, text, kind, state) => {
    const { changes } = await planned(live, text);
    const found = changes[0]?.statements.filter((statement) => statement.class !== "none") ?? [];
    expect(found.map((statement) => [statement.class, statement.state])).toContainEqual([kind, state]);
  });
});
