import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ProcessResult, sluice } from "../../support/sluice-process.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace, type TestKeyspace } from "./keyspace.ts";

describeWith("cassandra", "statements with values of user-defined types", (address) => {
  const directory = mkdtempSync(join(tmpdir(), "sluice-user-types-"));
  let keyspace: TestKeyspace;
  const run = (args: readonly string[], input = ""): Promise<ProcessResult> => sluice(args, { cwd: directory, input });
  const rows = async (select: string): Promise<readonly unknown[]> => {
    const { code, stdout, stderr } = await run(["query", select, "--output", "ndjson"]);
    expect(code, stderr).toBe(0);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };

  beforeAll(async () => {
    keyspace = await makeKeyspace(address);
    mkdirSync(join(directory, "queries"));
    const cass = `kind: cassandra, contactPoints: "${address.contactPoints.join(",")}", localDataCenter: ${address.localDataCenter}`;
    const connections = `connections:\n  local: { kind: embedded }\n  cass: { ${cass} }\n`;
    writeFileSync(join(directory, "sluice.yaml"), `${connections}\ndefaults:\n  source: local\n  sink: local\n`);
    await keyspace.query(`CREATE TYPE ${keyspace.name}.geo (lat double, lon double)`);
    await keyspace.query(`CREATE TYPE ${keyspace.name}.home (street text, at frozen<geo>)`);
    await keyspace.query(`CREATE TABLE ${keyspace.name}.people (id text PRIMARY KEY, home home, former list<frozen<home>>)`);
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true, force: true });
    await keyspace.drop();
  });

  it("write structs and objects, send on what does not fit with its path, and read their members", async () => {
    const moves = [
      { id: "a", street: "A", lat: 1.5, former: [{ street: "Z" }, { at: { lon: 2 } }] },
      { id: "b", street: "B", former: [{ at: { lon: "east" } }] },
      { id: "c", former: null },
    ];
    await run(["produce", "moves"], moves.map((one) => `${JSON.stringify(one)}\n`).join(""));
    const home = "STRUCT(street := CAST(street AS STRING), at := STRUCT(lat := CAST(lat AS DOUBLE)))";
    const policy = "SET 'error.policy' = 'noop';\nSET 'dead.letters' = 'local.letters';\n";
    const insert = `INSERT INTO cass.${keyspace.name}.people SELECT id, ${home} AS home, former FROM moves PK id;`;
    writeFileSync(join(directory, "queries", "people.sql"), `${policy}${insert}`);
    const ran = await run(["run", "queries/people.sql", "--until-end"]);
    const refused = `column "former" (list<frozen<home>>): [0].at.lon (double): "east" does not fit`;
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining(refused)]);
    expect(await rows(`SELECT id, home.street AS street, home.at.lat AS lat, former FROM cass.${keyspace.name}.people`)).toEqual([
      {
        id: "a",
        street: "A",
        lat: 1.5,
        former: [
          { street: "Z", at: null },
          { street: null, at: { lat: null, lon: 2 } },
        ],
      },
      { id: "c", street: null, lat: null, former: null },
    ]);
    const [letter] = await rows("SELECT code, error, step, offset FROM letters");
    expect(letter).toEqual({ code: "CHANGE_REJECTED", error: expect.stringContaining(refused), step: "write b", offset: 1 });
  });
});
